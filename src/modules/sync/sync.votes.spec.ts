import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeBlock } from '../../../test/support/fake-chain.js';
import { encodeStatus, peerId } from '../../../test/support/fake-network.js';
import { type PeerScript, scriptedPeer, silence } from '../../../test/support/peer-scripts.js';
import { a, b, c, endWorlds, syncWorld, until } from '../../../test/support/sync-world.js';

afterEach(endWorlds);

const d = peerId('d');
const ADD = 1;
const DROP = 2;

/** Blocks with votes at the heights given. Lets others have their turn, as a wire does. */
const voter = (height: () => number, votes: Record<number, number>, bad?: number): PeerScript => ({
  status: async () => BigInt(height()),
  async *blocks(from) {
    for (let number = from; number <= height(); number++) {
      if (number % 16 === 0) await settle();
      yield fakeBlock(number, { vote: votes[number] ?? 0, bad: number === bad });
    }
  },
});

/** A chain that has votes at 20 and 25, which the set at 60 follows from. */
function votingWorld(settings: object = {}) {
  const world = syncWorld({ settings });
  world.chain.engine = 'ibft';
  world.chain.needs = [
    { number: 60, at: 20, vote: ADD },
    { number: 60, at: 25, vote: ADD },
  ];
  return world;
}

const honest = (height = 100) => voter(() => height, { 20: ADD, 25: ADD });

describe('votes that were turned on their way', () => {
  it('finds the liar, takes the chain again and goes on', async () => {
    const { network, chain, start } = votingWorld();
    start();
    // The liar comes first; it cannot go on, as its own vote explains nothing.
    network.connect(
      a,
      voter(() => 59, { 20: DROP, 25: ADD }),
    );
    await until(() => chain.head()?.number === 59);
    network.connect(b, honest());
    await until(() => chain.head()?.number === 100);
    expect(chain.rewinds).toEqual([19]);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.ALTERED_VOTE', severity: 'drop' }]);
    expect(network.has(b)).toBe(true);
  });

  it('takes again all that one liar turned', async () => {
    const { network, chain, start } = votingWorld();
    start();
    network.connect(
      a,
      voter(() => 59, { 20: DROP, 25: DROP }),
    );
    await until(() => chain.head()?.number === 59);
    network.connect(b, honest());
    await until(() => chain.head()?.number === 100);
    expect(chain.rewinds).toEqual([19]);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.ALTERED_VOTE' }]);
  });

  it('finds the liar among several, and asks nobody again who is one', async () => {
    const { network, chain, start } = votingWorld();
    start();
    network.connect(
      a,
      voter(() => 100, { 20: DROP, 25: ADD }),
    );
    network.connect(
      c,
      voter(() => 100, { 20: DROP, 25: ADD }),
    );
    network.connect(b, honest());
    await until(() => chain.head()?.number === 100);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.ALTERED_VOTE' }]);
    expect(network.has(b)).toBe(true);
  });

  it('blames who gave the block when nobody has another copy', async () => {
    const { network, chain, start } = votingWorld();
    chain.needs = [{ number: 60, at: 20, vote: 9 }];
    start();
    network.connect(a, honest());
    network.connect(b, honest(40));
    await until(() => network.faults.length > 0);
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.BAD_BLOCK', severity: 'drop' }]);
    expect(chain.head()?.number).toBe(59);
    expect(chain.rewinds).toEqual([]);
  });

  it('goes on meanwhile with whoever can', async () => {
    const { network, chain, start } = votingWorld({ rangeBlocks: 30 });
    start();
    const answers = Promise.withResolvers<void>();
    // Its blocks from 60 on are of a chain that nothing explains; its copies take for ever.
    chain.needs = [];
    network.connect(
      a,
      voter(() => 100, { 20: ADD, 25: ADD }, 60),
    );
    network.connect(
      b,
      scriptedPeer(100n, async function* (from, signal) {
        if (from === 20) await Promise.race([answers.promise, silence(signal)]);
        yield* honest().blocks(from, signal);
      }),
    );
    await until(() => chain.head()?.number === 100);
    answers.resolve();
  });

  it('convicts a witness whose copy explains no more, and tries the next', async () => {
    const { network, chain, start } = votingWorld();
    start();
    network.connect(
      a,
      voter(() => 59, { 20: DROP, 25: ADD }),
    );
    await until(() => chain.head()?.number === 59);
    // It differs at both heights, and is as wrong.
    network.connect(
      c,
      voter(() => 100, { 20: ADD, 25: DROP }),
    );
    await until(() => network.faults.length > 0);
    expect(network.faults).toMatchObject([{ peerId: c, code: 'SYNC.ALTERED_VOTE', severity: 'drop' }]);
    network.connect(b, honest());
    await until(() => chain.head()?.number === 100);
    expect(network.has(b)).toBe(true);
  });

  it('does not wait for a witness that leaves', async () => {
    const { network, chain, start } = votingWorld();
    start();
    network.connect(
      a,
      voter(() => 59, { 20: DROP, 25: ADD }),
    );
    await until(() => chain.head()?.number === 59);
    let asks = 0;
    network.connect(
      b,
      scriptedPeer(100n, async function* (from, signal) {
        asks++;
        if (from === 20 && chain.rewinds.length > 0) await silence(signal);
        yield* honest().blocks(from, signal);
      }),
    );
    await until(() => chain.rewinds.length > 0);
    network.leave(b);
    network.connect(d, honest());
    await until(() => chain.head()?.number === 100);
    expect(asks).toBeGreaterThan(2);
    expect(network.has(d)).toBe(true);
  });

  it('may be stopped at any moment of an inquiry', async () => {
    for (let steps = 0; steps < 60; steps += 3) {
      const { network, chain, start, stop } = votingWorld();
      start();
      network.connect(
        a,
        voter(() => 59, { 20: DROP, 25: ADD }),
      );
      await until(() => chain.head()?.number === 59);
      network.connect(b, honest());
      for (let i = 0; i < steps; i++) await Promise.resolve();
      if (steps % 2 === 0) await settle();
      await stop();
    }
  });
});

describe('votes at the head', () => {
  const follower = (votes: Record<number, number>) => {
    let height = 50;
    return { peer: voter(() => height, votes), grow: () => height++ };
  };

  it('takes again a block whose vote two others give otherwise', async () => {
    const { clock, network, chain, start } = votingWorld();
    chain.needs = [];
    const peers = [a, b, c].map((id) => ({ id, ...follower({ 51: id === a ? DROP : ADD }) }));
    start();
    for (const { id, peer } of peers) network.connect(id, peer);
    await until(() => chain.head()?.number === 50);
    for (const { id, grow } of peers) {
      grow();
      network.gossip(id, encodeStatus(51n));
    }
    await clock.advanceAsync(5_000);
    await until(() => chain.head()?.number === 51);
    expect(chain.rewinds).toEqual([50]);
    expect(await chain.rawBlock(51)).toEqual(fakeBlock(51, { vote: ADD }));
    expect(network.faults).toMatchObject([{ peerId: a, code: 'SYNC.VOTE_OUTVOTED', severity: 'retry' }]);
  });

  it('lets the first copy stand when another one differs', async () => {
    const { clock, network, chain, start } = votingWorld();
    chain.needs = [];
    const peers = [a, b].map((id) => ({ id, ...follower({ 51: id === a ? ADD : DROP }) }));
    start();
    for (const { id, peer } of peers) network.connect(id, peer);
    await until(() => chain.head()?.number === 50);
    for (const { id, grow } of peers) {
      grow();
      network.gossip(id, encodeStatus(51n));
    }
    await clock.advanceAsync(30_000);
    expect(chain.rewinds).toEqual([]);
    expect(network.faults).toEqual([]);
    expect(network.asked.filter(({ from }) => from === 51)).toHaveLength(2);
  });

  it('compares nothing where the hash covers all', async () => {
    const { clock, network, chain, start } = votingWorld();
    chain.engine = 'polybft';
    chain.needs = [];
    const [of, other] = [follower({ 51: ADD }), follower({ 51: DROP })];
    start();
    network.connect(a, of.peer);
    network.connect(b, other.peer);
    await until(() => chain.head()?.number === 50);
    of.grow();
    network.gossip(a, encodeStatus(51n));
    await clock.advanceAsync(30_000);
    expect(network.asked.filter(({ from }) => from === 51)).toHaveLength(1);
  });
});
