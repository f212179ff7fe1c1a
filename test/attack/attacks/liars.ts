import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type Arena, attackerAddress, within } from '../arena.js';
import type { Attack } from '../attack.js';
import { Child } from '../child.js';
import { bytesField, numberField } from '../wire/encoding.js';
import type { GrpcHandler } from '../wire/grpc.js';
import { Paths, type WirePeer } from '../wire/peer.js';

const LIARS = 9;
const HEIGHT = 260;
const MOST_ROUNDS = 3;
const SYNC_LIMIT_MS = 60_000;

interface Lie {
  readonly name: string;
  readonly height: bigint;
  /** What it answers when its blocks are asked for. */
  readonly blocks: GrpcHandler;
}

const LIES: readonly Lie[] = [
  { name: '2^63', height: 2n ** 63n, blocks: () => [] },
  { name: 'nothing served', height: 1_000_000n, blocks: () => [] },
  { name: 'garbage served', height: 2_000_000n, blocks: () => [bytesField(1, Buffer.alloc(2_000, 7))] },
  { name: 'never answered', height: 3_000_000n, blocks: () => undefined },
];

/** Nine of ten peers claim heights that they do not serve; they come back whenever they are thrown out. */
export const liars: Attack = {
  name: 'liars',
  source: 'lying heights',
  limit: 'each asked ≤ 3 times; sync ends with the 1 honest peer of 10',
  victim: { chain: 'genesis', settings: { sync: { blockTimeoutMs: 1_000 } } },
  run: async (arena) => {
    const rounds = new Map<string, number>();
    const end = new AbortController();
    setMaxListeners(0, end.signal);
    const crowd = Array.from({ length: LIARS }, (_, i) => {
      const lie = LIES[i % LIES.length] as Lie;
      const who = `${lie.name} (${i})`;
      rounds.set(who, 0);
      const peer = liar(arena, lie, () => rounds.set(who, (rounds.get(who) ?? 0) + 1));
      return arena.insist(() => peer, attackerAddress(110, 1 + i), end.signal);
    });
    await pause(2_000);
    const { child: honest, ready } = await Child.start('test/attack/victim.mjs', {});
    const startedAt = performance.now();
    try {
      await honest.ask('add', arena.address);
      const isSynced = await within(SYNC_LIMIT_MS, async () => (await arena.ask<number>('height')) >= HEIGHT);
      const tookMs = performance.now() - startedAt;
      // What is asked for once there is nothing left to be had counts too.
      await pause(3_000);
      const most = Math.max(...rounds.values());
      const worst = [...rounds].find(([, count]) => count === most)?.[0];
      const isConnected = (await arena.ask<string[]>('peers')).includes(ready.split('/').at(-1) ?? '');
      return {
        figure: `${isSynced ? `synced in ${Math.round(tookMs)} ms` : 'NOT synced'}, asked ${most} times at most (${worst}), honest peer ${isConnected ? 'kept' : 'LOST'}`,
        ok: isSynced && most <= MOST_ROUNDS && isConnected,
      };
    } finally {
      end.abort();
      await honest.stop();
      await Promise.all(crowd);
    }
  },
};

function liar(arena: Arena, { height, blocks }: Lie, onRound: () => void): WirePeer {
  return arena.peer({
    answers: {
      [Paths.getStatus]: () => [numberField(1, height)],
      [Paths.getBlocks]: (request) => {
        onRound();
        return blocks(request);
      },
    },
  });
}
