import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fakeBlock, fakeBlocks } from '../../../test/support/fake-chain.js';
import { peerId } from '../../../test/support/fake-network.js';
import type { ManualClock } from '../../../test/support/manual-clock.js';
import { drippingPeer, type PeerScript, scriptedPeer, silence } from '../../../test/support/peer-scripts.js';
import { endWorlds, syncWorld } from '../../../test/support/sync-world.js';
import { NetworkError } from '../network/index.js';

afterEach(endWorlds);

const HEIGHT = 300;
const VOTE_AT = 40;
const VOTE = 1;

/** The block of the honest chain: it has one vote, from which the set at 200 follows. */
const good = (number: number, vote = VOTE) => fakeBlock(number, { vote: number === VOTE_AT ? vote : 0 });

async function* honestly(from: number, to = HEIGHT, vote = VOTE): AsyncGenerator<Uint8Array> {
  for (let number = from; number <= to; number++) {
    if (number % 32 === 0) await settle();
    yield good(number, vote);
  }
}

const never = async (signal: AbortSignal) => {
  await silence(signal);
};

/** Every way to be bad that we know, each claiming to be as high as the honest peer, or higher. */
const behaviours: Record<string, (clock: ManualClock) => PeerScript> = {
  silent: () =>
    scriptedPeer(BigInt(HEIGHT), async function* (_from, signal) {
      await never(signal);
      yield good(0);
    }),
  'silent halfway': () =>
    scriptedPeer(BigInt(HEIGHT), async function* (from, signal) {
      yield* honestly(from, from + 20);
      await never(signal);
    }),
  slow: (clock) => drippingPeer(clock, { claimed: HEIGHT, everyMs: 5_000 }, (from) => honestly(from)),
  garbage: () =>
    scriptedPeer(BigInt(HEIGHT), async function* () {
      for (let i = 0; i < 100; i++) yield Uint8Array.of(1, 2, 3);
    }),
  withholding: () =>
    scriptedPeer(BigInt(HEIGHT), async function* (from) {
      if (from < 100) yield* honestly(from, 100);
    }),
  boasting: () => scriptedPeer(1_000_000n, (from) => honestly(from)),
  'boasting wildly': () => scriptedPeer(2n ** 60n, (from) => honestly(from)),
  'bad seals': () =>
    scriptedPeer(BigInt(HEIGHT), async function* (from) {
      yield* honestly(from, from + 9);
      yield* fakeBlocks(from + 10, HEIGHT, { bad: true });
    }),
  'wrong parents': () =>
    scriptedPeer(BigInt(HEIGHT), async function* (from) {
      yield* fakeBlocks(from, HEIGHT, { branch: 3 });
    }),
  'a gap': () =>
    scriptedPeer(BigInt(HEIGHT), async function* (from) {
      yield* honestly(from, from + 5);
      yield* honestly(from + 7);
    }),
  'the same again': () =>
    scriptedPeer(BigInt(HEIGHT), async function* (from) {
      for (let i = 0; i < 2 * HEIGHT; i++) yield good(from);
    }),
  'from the beginning': () => scriptedPeer(BigInt(HEIGHT), () => honestly(0)),
  'turned votes': () => scriptedPeer(BigInt(HEIGHT), (from) => honestly(from, HEIGHT, 2)),
  failing: () =>
    // biome-ignore lint/correctness/useYield: the peer fails before its first block
    scriptedPeer(BigInt(HEIGHT), async function* () {
      throw new NetworkError({
        code: 'NETWORK.RPC_FAILED',
        peerId: 'x',
        path: '/v1.SyncPeer/GetBlocks',
        status: 2,
        details: 'block not found',
      });
    }),
};
const names = Object.keys(behaviours);

const honest = (): PeerScript => scriptedPeer(BigInt(HEIGHT), (from) => honestly(from));

function hostileWorld(settings: object = {}) {
  const world = syncWorld({ settings: { rangeBlocks: 50, bufferBlocks: 128, ...settings } });
  world.chain.engine = 'ibft';
  world.chain.isFinal = true;
  world.chain.needs = [{ number: 200, at: VOTE_AT, vote: VOTE }];
  return world;
}

/** Runs until the chain is at the height, or that much time has passed. */
async function run({ clock, chain }: ReturnType<typeof syncWorld>, height: number, untilMs: number) {
  while (chain.head()?.number !== height && clock.monotonicMs() < untilMs) {
    for (let i = 0; i < 40; i++) await settle();
    await clock.advanceAsync(250);
  }
}

describe('hostile peers', () => {
  it.each(names)('gets to the honest height past a peer that is: %s', async (name) => {
    const world = hostileWorld();
    const script = behaviours[name]?.(world.clock) ?? honest();
    world.start();
    world.network.connect(peerId('a'), script);
    await settle();
    world.network.connect(peerId('b'), honest());
    await run(world, HEIGHT, 120_000);
    expect(world.chain.head()?.number).toBe(HEIGHT);
    expect(world.network.faults.filter(({ peerId: id }) => id !== 'a')).toEqual([]);
    // One fault, one report.
    const drops = world.network.faults.filter(({ severity }) => severity === 'drop');
    expect(drops.length).toBeLessThanOrEqual(1);
  });

  it('gets to the honest height with one honest peer of ten', async () => {
    const world = hostileWorld();
    const chosen = ['silent', 'slow', 'garbage', 'withholding', 'boasting', 'bad seals', 'wrong parents'];
    const bad = [...chosen, 'the same again', 'turned votes'];
    world.start();
    for (const name of bad) world.network.connect(peerId(name), behaviours[name]?.(world.clock) ?? honest());
    await settle();
    world.network.connect(peerId('honest'), honest());
    await run(world, HEIGHT, 300_000);
    expect(world.chain.head()?.number).toBe(HEIGHT);
    expect(world.network.has(peerId('honest'))).toBe(true);
    expect(world.network.faults.filter(({ peerId: id }) => id === 'honest')).toEqual([]);
    for (const name of bad) {
      const drops = world.network.faults.filter(
        ({ peerId: id, severity }) => id === name && severity === 'drop',
      );
      expect([name, drops.length <= 1]).toEqual([name, true]);
    }
  });

  it('gets to the honest height when there is an honest peer, and never past it', async () => {
    const peers = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(peers, fc.nat(7), fc.boolean(), fc.nat(30), async (bad, at, isHonestThere, lateBy) => {
        const world = hostileWorld();
        world.start();
        for (const [i, name] of bad.entries()) {
          if (i === at % (bad.length + 1) && isHonestThere) world.network.connect(peerId('honest'), honest());
          world.network.connect(peerId(`${name} ${i}`), behaviours[name]?.(world.clock) ?? honest());
          for (let turns = 0; turns < lateBy; turns++) await settle();
        }
        if (isHonestThere && !world.network.has(peerId('honest')))
          world.network.connect(peerId('honest'), honest());
        await run(world, HEIGHT, isHonestThere ? 600_000 : 20_000);
        const head = world.chain.head()?.number ?? -1;
        expect(head).toBeLessThanOrEqual(HEIGHT);
        if (isHonestThere) {
          expect({ bad, head }).toEqual({ bad, head: HEIGHT });
          expect(world.network.faults.filter(({ peerId: id }) => id === 'honest')).toEqual([]);
        }
        await endWorlds();
      }),
      // The peer that is slow is called off while it makes up its next block.
      { numRuns: 40, examples: [[['boasting', 'slow', 'silent halfway'], 5, false, 6]] },
    );
  });
});
