import { afterEach, describe, expect, it } from '@jest/globals';
import { type IbftChain, ibftChain } from '../../../../test/support/chain-builder/index.js';
import { Chains, KeptStore, OPENED_AT_MS } from '../../../../test/support/recorded-chain.js';
import { toHex } from '../../../common/bytes.js';
import { decodeBlock, encodeBlock } from '../codec/block.codec.js';
import type { ChainAlarm } from '../ports/chain.port.js';
import type { ChainService } from './chain.service.js';

const SYNC = { source: 'sync' } as const;
const chains = new Chains();
afterEach(() => chains.closeAll());

/** Three proposers in a row vote; more than half of 4 or 5 decides. */
function vote(chain: IbftChain, index: number, authorize: boolean): void {
  for (let block = 0; block < 3; block++) chain.seal({ vote: { candidate: chain.newKey(index), authorize } });
}

/** One joins by block 4, another by block 9, and the first leaves by block 14. */
function votedChain(): IbftChain {
  const chain = ibftChain().grow(1);
  vote(chain, 1, true);
  chain.grow(2);
  vote(chain, 2, true);
  chain.grow(1);
  chain.seal({ vote: { candidate: chain.newKey(1), authorize: false } });
  while (chain.set.length === 6) chain.seal({ vote: { candidate: chain.newKey(1), authorize: false } });
  return chain.grow(3);
}

const built = votedChain();

/** Holds every set that a chain knows against the builder's model. */
async function expectSets(chain: ChainService, model: IbftChain, height = model.height): Promise<void> {
  expect(chain.head()).toMatchObject({ number: height, hash: model.hashAt(height) });
  for (let number = 1; number <= height + 1; number++) {
    const set = await chain.validatorsAt(number);
    expect(set?.map(({ address }) => toHex(address))).toEqual(
      model.setAt(number).map(({ address }) => toHex(address)),
    );
  }
  expect(await chain.validatorsAt(height + 2)).toBeUndefined();
  expect(await chain.stateAfter(height + 1)).toBeUndefined();
}

describe('validator sets', () => {
  it.each([1, 4, 100])(
    'are those that the votes gave, in batches of %d and after a restart',
    async (size) => {
      const store = new KeptStore();
      const chain = await chains.open(built.genesisText, { store });
      for (let from = 1; from <= built.height; from += size) {
        const { head } = await chain.insert(built.blocks.slice(from, from + size), SYNC);
        await expectSets(chain, built, head.number);
      }
      const again = await chains.open(built.genesisText, { store });
      await expectSets(again, built);
      expect(again.info().anomalies.count).toBe(0);
      const { head } = await again.insert([built.fork(built.height).seal().raw], SYNC);
      expect(head.number).toBe(built.height + 1);
    },
  );

  it('follow a rewind, and the blocks that come then', async () => {
    const store = new KeptStore();
    const chain = await chains.open(built.genesisText, { store });
    await chain.insert(built.blocks.slice(1), SYNC);
    for (const number of [built.height - 1, 9, 3, 2, 0]) {
      const before = chain.head()?.number ?? 0;
      const removed = await chain.rewind(number);
      expect(removed.map((block) => block.number)).toEqual(
        Array.from({ length: before - number }, (_, index) => before - index),
      );
      await expectSets(chain, built, number);
      await expectSets(await chains.open(built.genesisText, { store }), built, number);
    }
    await chain.insert(built.blocks.slice(1), SYNC);
    await expectSets(chain, built);
  });

  it('follow a reorganisation that has other votes', async () => {
    const store = new KeptStore();
    const branch = built.fork(6);
    branch.seal({ gasLimit: 5_242_879n });
    vote(branch, 3, true);
    branch.grow(built.height);
    const chain = await chains.open(built.genesisText, { store, finality: 'reference' });
    await chain.insert(built.blocks.slice(1), SYNC);
    for (const from of [7, 12, 17]) await chain.insert(branch.blocks.slice(from, from + 5), SYNC);
    await chain.insert(branch.blocks.slice(22), SYNC);
    await expectSets(chain, branch);
    await expectSets(await chains.open(built.genesisText, { store, finality: 'reference' }), branch);
  });
});

describe('rewinding', () => {
  it('is told as one event, the old head last, and does nothing at the head', async () => {
    const chain = await chains.open(built.genesisText);
    await chain.insert(built.blocks.slice(1, 6), SYNC);
    const events: unknown[] = [];
    const heads: number[] = [];
    chain.events$.subscribe((event) => events.push(event));
    chain.head$.subscribe(({ number }) => heads.push(number));
    expect(await chain.rewind(5)).toEqual([]);
    await chain.rewind(2);
    const removed = [4, 3, 5].map((number) => ({ number, hash: built.hashAt(number) }));
    expect(events).toEqual([
      { type: 'head:changed', added: [], removed, source: 'sync', atMs: OPENED_AT_MS },
    ]);
    expect(heads).toEqual([5, 2]);
  });

  it.each([6, -1, 1.5])('refuses to go to %d, which is no block of the chain', async (number) => {
    const chain = await chains.open(built.genesisText);
    await chain.insert(built.blocks.slice(1, 6), SYNC);
    await expect(chain.rewind(number)).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_GAP' });
    expect(chain.head()?.number).toBe(5);
  });
});

describe('a vote that a peer turned on its way', () => {
  const turned = built.blocks.map((raw, number) => {
    if (number !== 3) return raw;
    const { header, transactions } = decodeBlock(raw);
    return encodeBlock({ header: { ...header, nonce: new Uint8Array(8) }, transactions });
  });

  it('is suspected once the set is another, and right again after a rewind', async () => {
    const chain = await chains.open(built.genesisText);
    const failure = await chain.insert(turned.slice(1, 9), SYNC).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'BLOCKCHAIN.SET_UNEXPLAINED',
      detail: { number: 5, suspects: [3] },
    });
    expect(chain.head()?.number).toBe(4);
    expect(chain.info().anomalies.last).toMatchObject({ number: 3, rule: 'ibft.vote-effect' });
    await chain.rewind(2);
    await chain.insert(built.blocks.slice(3), SYNC);
    await expectSets(chain, built);
  });

  it('is what it is once other peers gave the same', async () => {
    const store = new KeptStore();
    // A validator that votes to add who is in, and then claims a set without them.
    const odd = ibftChain().grow(2);
    const [member] = odd.set;
    if (member === undefined) throw new Error('no validators');
    odd.seal({ vote: { candidate: member, authorize: true } });
    for (let block = 0; block < 3; block++) odd.seal({ claimedSet: odd.set.slice(1) });
    const chain = await chains.open(odd.genesisText, { store });
    await expect(chain.insert(odd.blocks.slice(1), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.SET_UNEXPLAINED',
      detail: { number: 4, suspects: [3] },
    });
    const confirmed = { ...SYNC, votesConfirmed: true };
    expect((await chain.insert(odd.blocks.slice(4, 5), confirmed)).head.number).toBe(4);
    expect(chain.info().anomalies.last).toMatchObject({ number: 4, rule: 'ibft.claimed-set' });
    // It is remembered, here and in the store.
    expect((await chain.insert(odd.blocks.slice(5, 6), SYNC)).head.number).toBe(5);
    const again = await chains.open(odd.genesisText, { store });
    expect((await again.insert(odd.blocks.slice(6), SYNC)).head.number).toBe(6);
    expect((await chain.stateAfter(3))?.length).toBeGreaterThan((await chain.stateAfter(4))?.length ?? 0);
  });
});

describe('anomalies', () => {
  /** Block 3 is by another proposer than the one in turn, block 5 has the time of its parent. */
  function oddChain(): IbftChain {
    const chain = ibftChain().grow(2);
    const proposer = chain.proposerAt(2);
    if (proposer === undefined) throw new Error('no proposer');
    chain.seal({ proposer });
    chain.grow(1);
    chain.seal({ timestamp: chain.head.header.timestamp });
    return chain.grow(1);
  }
  const odd = oddChain();

  it('are counted and told of once their blocks are stored', async () => {
    const chain = await chains.open(odd.genesisText);
    const seen: { alarm: ChainAlarm; head: number | undefined }[] = [];
    chain.alarms$.subscribe((alarm) => seen.push({ alarm, head: chain.head()?.number }));
    await chain.insert(odd.blocks.slice(1), SYNC);
    const told = [
      { number: 3, rule: 'ibft.proposer-turn' },
      { number: 5, rule: 'ibft.timestamp' },
    ].map(({ number, rule }) => ({ number, rule, hash: odd.hashAt(number), reason: expect.any(String) }));
    expect(seen).toEqual(
      told.map((anomaly) => ({ alarm: { type: 'chain:anomaly', anomaly, atMs: OPENED_AT_MS }, head: 6 })),
    );
    expect(chain.info().anomalies).toEqual({ count: 2, last: told[1] });
  });

  it('refuse their block where the chain is strict; those before it are stored', async () => {
    const chain = await chains.open(odd.genesisText, { isStrict: true });
    const alarms: ChainAlarm[] = [];
    chain.alarms$.subscribe((alarm) => alarms.push(alarm));
    await expect(chain.insert(odd.blocks.slice(1), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ANOMALY',
      detail: { number: 3, rule: 'ibft.proposer-turn' },
    });
    expect(chain.head()?.number).toBe(2);
    expect(alarms).toEqual([]);
    expect(chain.info()).toMatchObject({ isStrict: true, anomalies: { count: 0, last: undefined } });
  });

  it('of a branch are told of when it is taken', async () => {
    const chain = await chains.open(odd.genesisText, { finality: 'reference' });
    const main = odd.fork(2);
    main.seal({ gasLimit: 5_242_879n });
    await chain.insert(main.grow(2).blocks.slice(1), SYNC);
    await chain.insert(odd.blocks.slice(3, 5), SYNC);
    expect(chain.info().anomalies.count).toBe(0);
    await chain.insert(odd.blocks.slice(5), SYNC);
    expect(chain.head()?.hash).toEqual(odd.hashAt(6));
    expect(chain.info().anomalies).toMatchObject({ count: 2, last: { number: 5 } });
  });

  it('count the sets of a PoS chain that had to be trusted', async () => {
    const pos = ibftChain({ pos: true, epochSize: 5 }).grow(4);
    pos.seal({ set: [...pos.set, pos.newKey(1)] });
    pos.grow(4);
    pos.seal({ set: pos.set.slice(1) });
    const chain = await chains.open(pos.genesisText);
    await chain.insert(pos.blocks.slice(1), SYNC);
    expect(chain.info()).toMatchObject({
      trustedSets: 2,
      anomalies: { last: { rule: 'ibft.trusted-epoch' } },
    });
    expect(await chain.validatorsAt(9)).toHaveLength(5);
    expect(await chain.validatorsAt(10)).toHaveLength(4);
  });
});
