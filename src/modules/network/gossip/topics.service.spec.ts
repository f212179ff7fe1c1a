import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { aPeerId } from '../../../../test/support/network-under-test.js';
import { ScriptedHost } from '../../../../test/support/scripted-host.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import { createNetworkMetrics } from '../network.metrics.js';
import type { TopicVerdict } from '../ports/host.port.js';
import type { PeerId } from '../ports/types.js';
import { TopicsService } from './topics.service.js';

const TOPIC = 'syncer/status/0.1';

function topicsOn(host: ScriptedHost, markUseful: (peerId: PeerId, atMs: number) => void = () => {}) {
  return new TopicsService(
    host,
    { markUseful },
    new ManualClock(),
    new SilentLogger(),
    createNetworkMetrics(new NoMetrics()),
  );
}

function aMessage(fields: { n?: number; text?: string; topic?: string } = {}) {
  const { n = 1, text = 'x', topic = TOPIC } = fields;
  return { topic, from: aPeerId(n), receivedFrom: aPeerId(2), data: new TextEncoder().encode(text) };
}

describe(TopicsService.name, () => {
  it.each([
    { verdict: 'accept', delivered: 1 },
    { verdict: 'ignore', delivered: 0 },
    { verdict: 'reject', delivered: 0 },
  ] as { verdict: TopicVerdict; delivered: number }[])(
    '$verdict: hands the host the verdict',
    async ({ verdict, delivered }) => {
      const host = new ScriptedHost(aPeerId(0), new ManualClock());
      const seen: unknown[] = [];
      topicsOn(host)
        .subscribe(TOPIC, () => verdict)
        .subscribe((message) => seen.push(message));
      expect(host.receive(aMessage())).toBe(verdict);
      await Promise.resolve();
      expect(seen).toHaveLength(delivered);
    },
  );

  it('the neighbour whose message was accepted has been useful, its author has not', () => {
    const host = new ScriptedHost(aPeerId(0), new ManualClock());
    const useful: unknown[] = [];
    const topics = topicsOn(host, (peerId, atMs) => useful.push([peerId, atMs]));
    topics.subscribe(TOPIC, ({ data }) => (data.length === 1 ? 'accept' : 'ignore'));
    host.receive(aMessage());
    host.receive(aMessage({ text: 'long' }));
    expect(useful).toEqual([[aPeerId(2), new ManualClock().nowMs()]]);
  });

  it('delivers in order, after the verdict', async () => {
    const host = new ScriptedHost(aPeerId(0), new ManualClock());
    const seen: string[] = [];
    topicsOn(host)
      .subscribe(TOPIC, () => 'accept')
      .subscribe(({ data }) => seen.push(new TextDecoder().decode(data)));
    host.receive(aMessage({ text: 'a' }));
    host.receive(aMessage({ text: 'b' }));
    expect(seen).toEqual([]);
    await Promise.resolve();
    expect(seen).toEqual(['a', 'b']);
  });

  it('blames nobody for a validator that throws', () => {
    const host = new ScriptedHost(aPeerId(0), new ManualClock());
    topicsOn(host).subscribe(TOPIC, () => {
      throw new Error('bug');
    });
    expect(host.receive(aMessage())).toBe('ignore');
  });

  it('does not deliver its own messages', async () => {
    const host = new ScriptedHost(aPeerId(0), new ManualClock());
    const seen: unknown[] = [];
    topicsOn(host)
      .subscribe(TOPIC, () => 'accept')
      .subscribe((message) => seen.push(message));
    expect(host.receive(aMessage({ n: 0 }))).toBe('ignore');
    await Promise.resolve();
    expect(seen).toEqual([]);
  });

  it('keeps topics apart, with one owner each', () => {
    const host = new ScriptedHost(aPeerId(0), new ManualClock());
    const topics = topicsOn(host);
    topics.subscribe(TOPIC, () => 'accept');
    topics.subscribe('other', () => 'reject');
    expect(() => topics.subscribe(TOPIC, () => 'accept')).toThrow();
    expect(host.receive(aMessage({ topic: 'other' }))).toBe('reject');
  });

  it('publishes, and tells to how many', async () => {
    const host = new ScriptedHost(aPeerId(0), new ManualClock());
    const data = Uint8Array.from([1, 2]);
    const topics = topicsOn(host);
    expect(await topics.publish(TOPIC, data)).toBe(0);
    topics.subscribe(TOPIC, () => 'accept');
    expect(await topics.publish(TOPIC, data)).toBe(1);
    expect(host.published).toEqual([
      { topic: TOPIC, data },
      { topic: TOPIC, data },
    ]);
  });

  it('leaves its topics and completes at the end', () => {
    const host = new ScriptedHost(aPeerId(0), new ManualClock());
    const topics = topicsOn(host);
    let ended = false;
    topics
      .subscribe(TOPIC, () => 'accept')
      .subscribe({
        complete: () => {
          ended = true;
        },
      });
    topics.stop();
    topics.stop();
    expect(ended).toBe(true);
    expect(host.topics).toEqual([]);
  });
});
