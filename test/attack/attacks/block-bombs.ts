import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { attackerAddress, MEGABYTE, megabytes } from '../arena.js';
import type { Attack } from '../attack.js';
import { bytesField, numberField } from '../wire/encoding.js';
import { Paths } from '../wire/peer.js';

const PEERS = 4;
const SECONDS = 15;
const GROWTH_LIMIT = 64 * MEGABYTE;
const MESSAGES = 100;

/** A peer's blocks, each of that many bytes. */
function* bombs(bytes: number): Iterable<Buffer> {
  const block = bytesField(1, Buffer.alloc(bytes - 8, 0xf9));
  for (let i = 0; i < MESSAGES; i += 1) yield block;
}

/** Peers that serve blocks as large as a message may be, or larger; none of them a block. */
export const blockBombs: Attack = {
  name: 'block-bombs',
  source: 'block memory bomb',
  limit: '+ ≤ 64 MB, at genesis still',
  victim: { chain: 'genesis', settings: { sync: { retryBaseMs: 100, retryMaxMs: 500 } } },
  honestBytes: 0,
  run: async (arena) => {
    let served = 0;
    const end = new AbortController();
    setMaxListeners(0, end.signal);
    const growth = await arena.growth(async () => {
      const crowd = Array.from({ length: PEERS }, (_, i) => {
        const bytes = (i % 2 === 0 ? 4 : 16) * MEGABYTE;
        const blocks = () => {
          served += 1;
          return bombs(bytes);
        };
        const answers = { [Paths.getStatus]: () => [numberField(1, 1_000_000)], [Paths.getBlocks]: blocks };
        // A new name each time, as old ones are on the list of those left alone.
        return arena.insist(() => arena.peer({ answers }), attackerAddress(130, 1 + i), end.signal);
      });
      await pause(arena.count(SECONDS * 1_000));
      end.abort();
      await Promise.all(crowd);
    });
    const height = await arena.ask<number>('height');
    return {
      figure: `+ ${megabytes(growth)}, asked ${served} times, height ${height}`,
      ok: growth <= GROWTH_LIMIT && served > 0 && height === 0,
    };
  },
};
