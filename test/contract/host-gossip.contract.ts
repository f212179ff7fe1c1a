import { describe, expect, it } from '@jest/globals';
import {
  type HostMessage,
  MAX_GOSSIP_BYTES,
  type TopicVerdict,
} from '../../src/modules/network/ports/host.port.js';
import { eventually, settled } from '../support/eventually.js';
import { addressOf, dial, type HostFleet } from './host-fleet.js';

const TOPIC = 'contract/topic';

/** What every adapter of the HOST port promises of its gossip. */
export function hostGossipContract(fleet: HostFleet): void {
  describe('gossip', () => {
    /** A line: a - b - c, each on the topic with its own verdicts. */
    const line = async (verdictOf: (host: 'b' | 'c', text: string) => TopicVerdict) => {
      const [a, b, c] = [await fleet.started(), await fleet.started(), await fleet.started()];
      const heard = { b: [] as HostMessage[], c: [] as HostMessage[] };
      a.subscribe(TOPIC, () => 'accept');
      b.subscribe(TOPIC, (message) => {
        heard.b.push(message);
        return verdictOf('b', Buffer.from(message.data).toString());
      });
      c.subscribe(TOPIC, (message) => {
        heard.c.push(message);
        return verdictOf('c', Buffer.from(message.data).toString());
      });
      await dial(a, addressOf(b));
      await dial(b, addressOf(c));
      // Nothing tells when the mesh stands: publish until the far end hears.
      await eventually(
        async () => {
          await a.publish(TOPIC, Buffer.from('warm-up'));
          return heard.c.length > 0;
        },
        { describe: () => `heard so far: b ${heard.b.length}, c ${heard.c.length}` },
      );
      return { a, b, c, heard };
    };
    const texts = (messages: HostMessage[]) =>
      messages.map(({ data }) => Buffer.from(data).toString()).filter((text) => text !== 'warm-up');

    it('relays what is accepted, with its author and the neighbour it came from', async () => {
      const { a, b, heard } = await line(() => 'accept');
      expect(await a.publish(TOPIC, Buffer.from('news'))).toBe(1);
      await eventually(() => texts(heard.c).length === 1);
      const atB = heard.b.find(({ data }) => Buffer.from(data).toString() === 'news');
      const atC = heard.c.find(({ data }) => Buffer.from(data).toString() === 'news');
      expect(atB).toMatchObject({ topic: TOPIC, from: a.peerId, receivedFrom: a.peerId });
      expect(atC).toMatchObject({ topic: TOPIC, from: a.peerId, receivedFrom: b.peerId });
      expect(texts(heard.b)).toEqual(['news']);
    });

    it.each(['ignore', 'reject'] as const)(
      'does not relay what the validator says to %s',
      async (verdict) => {
        const { a, heard } = await line((host, text) =>
          host === 'b' && text === 'bad' ? verdict : 'accept',
        );
        await a.publish(TOPIC, Buffer.from('bad'));
        await a.publish(TOPIC, Buffer.from('good'));
        await eventually(() => texts(heard.c).includes('good'));
        expect(texts(heard.b)).toEqual(['bad', 'good']);
        expect(texts(heard.c)).toEqual(['good']);
      },
    );

    it('hears nothing more of a topic it left', async () => {
      const { a, b, heard } = await line(() => 'accept');
      b.unsubscribe(TOPIC);
      b.unsubscribe('never joined');
      await a.publish(TOPIC, Buffer.from('unheard'));
      await settled(() => heard.b.length);
      expect(texts(heard.b)).toEqual([]);
      expect(texts(heard.c)).toEqual([]);
    });

    it('publishes with nobody listening, and does not hear itself', async () => {
      const a = await fleet.started();
      const heard: HostMessage[] = [];
      a.subscribe(TOPIC, (message) => {
        heard.push(message);
        return 'accept';
      });
      expect(await a.publish(TOPIC, Buffer.from('anyone?'))).toBe(0);
      await dial(a, addressOf(await fleet.started()));
      expect(await a.publish(TOPIC, Buffer.from('anyone?'))).toBe(0);
      expect(await a.publish('other', Buffer.from('anyone?'))).toBe(0);
      expect(await settled(() => heard.length, 4)).toBe(0);
    });

    it('refuses to publish too much or when it does not run', async () => {
      const [a, idle] = [await fleet.started(), await fleet.created()];
      await a.publish(TOPIC, new Uint8Array(MAX_GOSSIP_BYTES));
      const failure = { code: 'NETWORK.PUBLISH_FAILED', detail: { topic: TOPIC } };
      await expect(a.publish(TOPIC, new Uint8Array(MAX_GOSSIP_BYTES + 1))).rejects.toMatchObject(failure);
      await expect(idle.publish(TOPIC, new Uint8Array(1))).rejects.toMatchObject(failure);
      await a.stop();
      await expect(a.publish(TOPIC, new Uint8Array(1))).rejects.toMatchObject(failure);
    });

    it('may join before start', async () => {
      const [a, b] = [await fleet.started(), await fleet.created()];
      const heard: HostMessage[] = [];
      b.subscribe(TOPIC, (message) => {
        heard.push(message);
        return 'accept';
      });
      await b.start();
      await dial(b, addressOf(a));
      await eventually(async () => {
        await a.publish(TOPIC, Buffer.from('hello'));
        return heard.length > 0;
      });
    });
  });
}
