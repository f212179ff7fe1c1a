import { setTimeout as pause } from 'node:timers/promises';
import { Flags, frame, message, OPENING, requestBlock } from '../../support/http2-bytes.js';
import { attackerAddress, MEGABYTE, megabytes } from '../arena.js';
import type { Attack } from '../attack.js';
import { Paths, Protocols } from '../wire/peer.js';
import { Flag, Frame, yamuxFrame } from '../wire/yamux.js';

const PEERS = 40;
const CALLS_PER_PEER = 4;
const SECONDS = 10;
const GROWTH_LIMIT = 64 * MEGABYTE;
const WIDE = 0x7000_0000;

/** Peers that ask for all blocks, open every window there is and then read nothing. */
export const slowReaders: Attack = {
  name: 'slow-readers',
  source: 'block memory bomb; slow readers',
  limit: '40 peers: ≤ 64 MB in flight',
  victim: { chain: 'endless', settings: { network: { maxInboundPeers: 64 } } },
  run: async (arena) => {
    let joined = 0;
    const growth = await arena.growth(async () => {
      for (let i = 0; i < arena.count(PEERS); i += 1) {
        const link = await arena.join(arena.peer(), attackerAddress(120 + (i % 100))).catch(() => undefined);
        if (link === undefined) continue;
        joined += 1;
        // Time for the victim's own Hello; afterwards nothing is read.
        await pause(100);
        for (let call = 0; call < CALLS_PER_PEER; call += 1) {
          const stream = link.yamux.open(Protocols.sync);
          await stream.agreed.catch(() => {});
          link.yamux.link.send(yamuxFrame(Frame.windowUpdate, Flag.none, stream.id, WIDE));
          stream.write(wideRequest());
        }
        await pause(5);
        link.connection.socket.pause();
      }
      await pause(arena.count(SECONDS * 1_000));
    }, 'buffers');
    return {
      figure: `${joined} peers, + ${megabytes(growth)} in buffers`,
      ok: growth <= GROWTH_LIMIT && joined >= arena.count(PEERS) / 2,
    };
  },
};

/** A request in a session whose windows have 2 GB. */
function wideRequest(): Buffer {
  const grow = (id: number) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(WIDE);
    return frame('windowUpdate', id, size);
  };
  const initialWindow = Buffer.from([0, 4, 0x70, 0, 0, 0]);
  const request = frame('data', 1, message(Buffer.alloc(0)), Flags.END_STREAM);
  return Buffer.concat([
    OPENING,
    frame('settings', 0, initialWindow),
    grow(0),
    frame('headers', 1, requestBlock(Paths.getBlocks), Flags.END_HEADERS),
    request,
  ]);
}
