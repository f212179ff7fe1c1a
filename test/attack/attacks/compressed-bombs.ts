import { gzipSync } from 'node:zlib';
import { message } from '../../support/http2-bytes.js';
import { attackerAddress, MEGABYTE, megabytes } from '../arena.js';
import type { Attack } from '../attack.js';
import { callOnce, Paths } from '../wire/peer.js';

const ROUNDS = 8;
const GROWTH_LIMIT = 8 * MEGABYTE;

/** Requests that unfold to a thousand times their size, on every method. */
export const compressedBombs: Attack = {
  name: 'compressed-bombs',
  source: 'CVE-2024-37168',
  limit: 'each refused; + ≤ 8 MB',
  honestBytes: 4_000_000,
  run: async (arena) => {
    // What gzip packs piece by piece unfolds as one.
    const piece = gzipSync(Buffer.alloc(10 * MEGABYTE));
    const bombs = [1, arena.count(100)].map((pieces) => message(Buffer.concat(Array(pieces).fill(piece)), 1));
    const accepted = new Set<string>();
    const statuses = new Set<number>();
    let sent = 0;
    const growth = await arena.growth(async () => {
      const link = await arena.join(arena.peer(), attackerAddress(90));
      for (let round = 0; round < ROUNDS; round += 1)
        for (const path of Object.values(Paths))
          for (const body of bombs) {
            // With the name of the encoding, and with no more than the flag.
            const headers = round % 2 === 0 ? { 'grpc-encoding': 'gzip' } : {};
            const { status } = await callOnce(link, path, Buffer.alloc(0), { body, headers });
            if (status === 0) accepted.add(path);
            statuses.add(status);
            sent += 1;
          }
    });
    return {
      figure: `+ ${megabytes(growth)}, ${sent} sent, accepted by: ${[...accepted].join(', ') || 'none'} (status ${[...statuses].join(', ')})`,
      ok: growth <= GROWTH_LIMIT && accepted.size === 0,
    };
  },
};
