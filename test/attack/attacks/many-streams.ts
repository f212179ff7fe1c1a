import { setTimeout as pause } from 'node:timers/promises';
import { OPENING } from '../../support/http2-bytes.js';
import { attackerAddress, MEGABYTE, megabytes } from '../arena.js';
import type { Attack } from '../attack.js';
import { Protocols } from '../wire/peer.js';

const STREAMS = 10_000;
const BATCH = 100;
const GROWTH_LIMIT = 64 * MEGABYTE;
const WANTED = [Protocols.sync, Protocols.discovery, Protocols.identity, Protocols.ping, Protocols.gossip];

/** One peer opens streams of all protocols and leaves them open. */
export const manyStreams: Attack = {
  name: 'many-streams',
  source: 'CVE-2022-23492, CVE-2022-23487',
  limit: '+ ≤ 64 MB',
  honestBytes: 2_000_000,
  run: async (arena) => {
    let opened = 0;
    let stillOpen = 0;
    const growth = await arena.growth(async () => {
      const { connection, yamux } = await arena.join(arena.peer(), attackerAddress(50));
      while (opened < arena.count(STREAMS) && !connection.isClosed) {
        for (let i = 0; i < BATCH; i += 1) {
          const stream = yamux.open(WANTED[(opened + i) % WANTED.length] ?? '');
          stream.agreed.then(() => stream.write(OPENING)).catch(() => {});
        }
        opened += BATCH;
        await pause(20);
      }
      await pause(1_000);
      stillOpen = connection.isClosed ? 0 : yamux.streams.size;
    });
    return {
      figure: `+ ${megabytes(growth)}, ${opened} opened, ${stillOpen} of them left`,
      ok: growth <= GROWTH_LIMIT,
    };
  },
};
