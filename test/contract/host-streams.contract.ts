import { describe, expect, it } from '@jest/globals';
import type { HostConnection } from '../../src/modules/network/ports/host.port.js';
import { eventually, settled } from '../support/eventually.js';
import {
  addressOf,
  dial,
  ECHO,
  echo,
  failureOf,
  type HostFleet,
  nextStream,
  open,
  readAll,
} from './host-fleet.js';

/** What every adapter of the HOST port promises of its byte streams. */
export function hostStreamsContract(fleet: HostFleet): void {
  describe('streams', () => {
    it('carries bytes both ways to the handler, which knows the connection', async () => {
      const a = await fleet.started();
      const b = await fleet.created();
      let from: HostConnection | undefined;
      b.handle(ECHO, (stream, connection) => {
        from = connection;
        echo(stream);
      });
      await b.start();
      await dial(a, addressOf(b));
      const stream = await open(a, b.peerId);
      stream.end('hello');
      expect((await readAll(stream)).toString()).toBe('hello');
      expect(from).toMatchObject({ peerId: a.peerId, direction: 'inbound' });
      expect(b.connections()).toEqual([from]);
    });

    it('lets the accepting side open streams too', async () => {
      const [a, b] = await fleet.connected();
      a.handle(ECHO, echo);
      const stream = await open(b, a.peerId);
      stream.end('back');
      expect((await readAll(stream)).toString()).toBe('back');
    });

    it('lets a second handler replace the first, and none answer', async () => {
      const [a, b] = await fleet.connected();
      b.handle(ECHO, (stream) => stream.end('first'));
      b.handle(ECHO, (stream) => stream.end('second'));
      expect((await readAll(await open(a, b.peerId))).toString()).toBe('second');
      b.unhandle(ECHO);
      await expect(open(a, b.peerId)).rejects.toMatchObject({
        code: 'NETWORK.PROTOCOL_UNSUPPORTED',
        detail: { peerId: b.peerId, protocol: ECHO },
      });
    });

    it('never dials to open a stream', async () => {
      const [a, b] = [await fleet.started(), await fleet.started()];
      b.handle(ECHO, echo);
      a.rememberAddress(addressOf(b));
      await expect(open(a, b.peerId)).rejects.toMatchObject({ code: 'NETWORK.NOT_CONNECTED' });
    });

    it('opens nothing on a dead connection or for a cancelled caller', async () => {
      const [a, b] = await fleet.connected();
      b.handle(ECHO, echo);
      const controller = new AbortController();
      controller.abort();
      await expect(open(a, b.peerId, ECHO, controller.signal)).rejects.toMatchObject({
        code: 'NETWORK.CANCELLED',
      });
      await b.disconnect(a.peerId);
      await eventually(() => a.connections().length === 0);
      await expect(open(a, b.peerId)).rejects.toMatchObject({ code: 'NETWORK.NOT_CONNECTED' });
    });

    it('holds the writer back while nobody reads, and loses nothing', async () => {
      const [a, b] = await fleet.connected();
      const inbound = nextStream(b);
      const stream = await open(a, b.peerId);
      const reader = await inbound;
      const total = 16 * 1024 * 1024;
      let written = 0;
      const pump = () => {
        while (written < total) {
          const chunk = Buffer.alloc(Math.min(100_003, total - written), written % 251);
          written += chunk.length;
          if (!stream.write(chunk)) {
            stream.once('drain', pump);
            return;
          }
        }
        stream.end();
      };
      pump();
      const stalledAt = await settled(() => written);
      expect(stalledAt).toBeLessThan(1024 * 1024);
      let read = 0;
      let wrong = 0;
      for await (const chunk of reader as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length; at += 4_999) {
          const offset = read + at;
          if (chunk[at] !== (offset - (offset % 100_003)) % 251) wrong += 1;
        }
        read += chunk.length;
      }
      expect({ read, wrong }).toEqual({ read: total, wrong: 0 });
    });

    it('passes one write larger than every buffer', async () => {
      const [a, b] = await fleet.connected();
      b.handle(ECHO, echo);
      const stream = await open(a, b.peerId);
      const sent = Buffer.alloc(9 * 1024 * 1024, 'edge');
      stream.end(sent);
      expect(sent.equals(await readAll(stream))).toBe(true);
    });

    it('closes one half and still answers on the other', async () => {
      const [a, b] = await fleet.connected();
      b.handle(ECHO, async (stream) => {
        const asked = await readAll(stream);
        stream.end(`you said ${asked.toString()}`);
      });
      const stream = await open(a, b.peerId);
      stream.end('nothing');
      expect((await readAll(stream)).toString()).toBe('you said nothing');
    });

    it('shows a destroyed stream to the other side as an error', async () => {
      const [a, b] = await fleet.connected();
      const inbound = nextStream(b);
      const stream = await open(a, b.peerId);
      const other = await inbound;
      const failure = failureOf(other);
      stream.write('half a wor');
      stream.destroy();
      expect(await failure).toBeInstanceOf(Error);
      expect(other.destroyed).toBe(true);
      expect(a.connections()).toHaveLength(1);
    });

    it('carries many streams at a time', async () => {
      const [a, b] = await fleet.connected();
      b.handle(ECHO, echo);
      const sizes = Array.from({ length: 40 }, (_, index) => 1 + index * 5_003);
      const lengths = await Promise.all(
        sizes.map(async (size) => {
          const stream = await open(a, b.peerId);
          stream.end(Buffer.alloc(size, size % 256));
          const back = await readAll(stream);
          return back.every((byte) => byte === size % 256) ? back.length : -1;
        }),
      );
      expect(lengths).toEqual(sizes);
    });

    it.each(['the writer', 'the reader'])(
      'fails both ends when %s disconnects in the middle of a write',
      async (who) => {
        const [a, b] = await fleet.connected();
        const inbound = nextStream(b);
        const stream = await open(a, b.peerId);
        const other = await inbound;
        const failures = Promise.all([failureOf(stream), failureOf(other)]);
        stream.write(Buffer.alloc(2 * 1024 * 1024));
        await settled(() => other.readableLength, 2);
        await (who === 'the writer' ? a.disconnect(b.peerId) : b.disconnect(a.peerId));
        expect(await failures).toEqual([expect.any(Error), expect.any(Error)]);
        stream.write('too late');
        other.write('too late');
        expect([stream.destroyed, other.destroyed]).toEqual([true, true]);
      },
    );

    it('does not fall over an error that nobody listens to', async () => {
      const [a, b] = await fleet.connected();
      const inbound = nextStream(b);
      const stream = await open(a, b.peerId);
      await inbound;
      stream.write('x');
      stream.destroy(new Error('on purpose'));
      await b.disconnect(a.peerId);
      await eventually(() => a.connections().length === 0);
    });
  });
}
