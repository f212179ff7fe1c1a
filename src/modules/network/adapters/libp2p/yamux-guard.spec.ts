import { afterEach, describe, expect, it } from '@jest/globals';
import type { Connection } from '@libp2p/interface';
import { eventually, settled } from '../../../../../test/support/eventually.js';
import { aHostContext } from '../../../../../test/support/host-context.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { createLibp2pNode } from './libp2p-node.js';

const [DATA, WINDOW_UPDATE, PING] = [0, 1, 2];
const [SYN, RST] = [1, 8];

function header(type: number, flags: number, id: number, length: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes[1] = type;
  bytes.writeUInt16BE(flags, 2);
  bytes.writeUInt32BE(id, 4);
  bytes.writeUInt32BE(length, 8);
  return bytes;
}

/** What the library's muxer has beside its public face. */
interface AbusedMuxer {
  send(bytes: Uint8Array): boolean;
  handlePing(): void;
}

describe('a connection to a peer that abuses Yamux', () => {
  const stops: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });

  /** A connection past whose muxer anything can be sent. The other end's clock stands still. */
  const connected = async () => {
    const clock = new ManualClock();
    const [peer, node] = await Promise.all([
      createLibp2pNode(aHostContext(1)),
      createLibp2pNode(aHostContext(2, { clock })),
    ]);
    for (const { libp2p } of [peer, node]) {
      stops.push(async () => libp2p.stop());
      await libp2p.start();
    }
    const place = node.libp2p.getMultiaddrs()[0]?.toString().split('/p2p/')[0] ?? '';
    const connection = await peer.dial(place, testPeerId(2), new AbortController().signal);
    await eventually(() => node.libp2p.getConnections()[0]?.status === 'open');
    // Our keep-alive and identify are through.
    await settled(() => connection.streams.length);
    const { muxer } = connection as Connection & { muxer: AbusedMuxer };
    // It would close the connection at an answer to a ping that it does not know of.
    muxer.handlePing = () => {};
    return { clock, connection, node, send: (bytes: Buffer) => muxer.send(bytes) };
  };

  it.each([
    [
      'a frame of 1 GiB',
      Buffer.concat([header(WINDOW_UPDATE, SYN, 1_001, 0), header(DATA, 0, 1_001, 2 ** 30)]),
    ],
    ['pings without end', Buffer.concat(Array.from({ length: 100 }, (_, n) => header(PING, SYN, 0, n)))],
    [
      'streams opened and reset',
      Buffer.concat(
        Array.from({ length: 3_000 }, (_, n) => [
          header(WINDOW_UPDATE, SYN, 1_001 + 2 * n, 0),
          header(WINDOW_UPDATE, RST, 1_001 + 2 * n, 0),
        ]).flat(),
      ),
    ],
  ])('closes at %s', async (_name, bytes) => {
    const { connection, send } = await connected();
    send(bytes);
    await eventually(() => connection.status !== 'open');
  });

  it('stays when data comes for streams that are not there', async () => {
    const { connection, node, send } = await connected();
    send(header(DATA, 0, 1_001, 2 ** 20));
    for (let n = 0; n < 16; n += 1) send(Buffer.alloc(2 ** 16));
    const stream = await connection.newStream('/ipfs/ping/1.0.0');
    expect(stream.status).toBe('open');
    expect(node.libp2p.getConnections()).toHaveLength(1);
  });

  it('stays while the pace is that of an honest peer', async () => {
    const { clock, connection, send } = await connected();
    for (let second = 0; second < 60; second += 1) {
      for (let n = 0; n < 4; n += 1) send(header(PING, SYN, 0, n));
      await settled(() => connection.status, 1);
      clock.advance(1_000);
    }
    expect(connection.status).toBe('open');
  });
});
