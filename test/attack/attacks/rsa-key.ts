import { setTimeout as pause } from 'node:timers/promises';
import { attackerAddress, type SeenConnection } from '../arena.js';
import type { Attack } from '../attack.js';
import { dial } from '../wire/connection.js';
import { rsaIdentity } from '../wire/identity.js';

const KEY_BITS = 16_384;
const HANDSHAKES_PER_SECOND = 200;
const SECONDS = 5;
const CPU_LIMIT = 0.2;

/** Handshakes signed with a valid key that takes long to verify; as many as one address can make. */
export const rsaKey: Attack = {
  name: 'rsa-key',
  source: 'CVE-2023-39533',
  limit: 'refused; 200 handshakes/s cost ≤ 20 % of a core',
  run: async (arena) => {
    const identity = rsaIdentity(KEY_BITS);
    const attempt = () =>
      dial({ identity, port: arena.port, from: attackerAddress(40) }).then(
        async ({ connection }) => {
          await pause(200);
          connection.socket.destroy();
        },
        () => {},
      );
    const isKnown = async () => {
      const connections = await arena.ask<SeenConnection[]>('connections');
      return connections.some(({ peerId }) => peerId === identity.peerId);
    };
    const first = attempt();
    await pause(150);
    const wasAdmitted = await isKnown();
    await first;
    const total = arena.count(HANDSHAKES_PER_SECOND * SECONDS);
    const attempts: Promise<void>[] = [];
    const share = await arena.cpuShare(async () => {
      const startedAt = performance.now();
      for (let i = 0; i < total; i += 1) {
        attempts.push(attempt());
        const ahead = (1_000 * i) / HANDSHAKES_PER_SECOND - (performance.now() - startedAt);
        if (ahead > 0) await pause(ahead);
      }
    });
    await Promise.all(attempts);
    return {
      figure: `${wasAdmitted ? 'ADMITTED' : 'refused'}, ${total} handshakes cost ${Math.round(share * 100)} % of a core`,
      ok: !wasAdmitted && share <= CPU_LIMIT,
    };
  },
};
