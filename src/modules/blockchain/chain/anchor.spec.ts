import { afterEach, describe, expect, it } from '@jest/globals';
import { ibftChain, transfers } from '../../../../test/support/chain-builder/index.js';
import { Chains, KeptStore } from '../../../../test/support/recorded-chain.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { toHex } from '../../../common/bytes.js';
import { decodeBlock, encodeBlock } from '../codec/block.codec.js';
import type { BlockStore } from '../ports/block-store.port.js';
import { Anchor, type AnchorFields } from './anchor.js';
import type { ChainService } from './chain.service.js';

const SYNC = { source: 'sync' } as const;
const MANY = { maxCount: 1_000, maxBytes: 10_000_000 };
const AT = 10;

/** Epochs of ten blocks; a fifth validator is voted in by block 3 and a sixth by block 14. */
const built = ibftChain({ epochSize: AT });
for (const first of [1, 12]) {
  built.grow(first - 1 - built.height);
  for (let votes = 0; votes < 3; votes++) {
    built.seal({ vote: { candidate: built.newKey(first), authorize: true } });
  }
}
built.grow(25 - built.height);
const { genesisText, blocks } = built;
const addresses = (number: number) => built.setAt(number).map(({ address }) => toHex(address));

const chains = new Chains();
afterEach(() => chains.closeAll());

function anchorAt(number: number, more: Partial<AnchorFields> = {}): Anchor {
  return new Anchor({ number, hash: built.hashAt(number), ...more });
}

function openAt(anchor: Anchor, store: BlockStore = new KeptStore()): Promise<ChainService> {
  return chains.open(genesisText, { anchor, store });
}

async function setAt(chain: ChainService, number: number): Promise<string[] | undefined> {
  return (await chain.validatorsAt(number))?.map(({ address }) => toHex(address));
}

/** After a block, as a node knows it that verified all from genesis. */
async function stateAfter(number: number): Promise<Uint8Array> {
  const chain = await chains.open(genesisText);
  await chain.insert(blocks.slice(1), SYNC);
  const state = await chain.stateAfter(number);
  if (state === undefined) throw new Error(`no state at ${number}`);
  return state;
}

describe('a chain that begins with a checkpoint', () => {
  it('takes its block, with the set that the header at the end of an epoch says, and what follows', async () => {
    const chain = await openAt(anchorAt(AT));
    expect(chain.nextHeight()).toBe(AT);
    expect(addresses(AT + 1)).toHaveLength(5);
    const { inserted, head } = await chain.insert(blocks.slice(AT, AT + 3), SYNC);
    expect(inserted.map(({ number }) => number)).toEqual([AT, AT + 1, AT + 2]);
    expect(head).toEqual(chain.head());
    expect(chain.nextHeight()).toBe(AT + 3);
    expect((await chain.insert(blocks.slice(AT + 3), SYNC)).head.number).toBe(25);
    for (let number = AT + 1; number <= 26; number++) {
      expect(await setAt(chain, number)).toEqual(addresses(number));
    }
    expect(chain.info()).toMatchObject({
      anchor: { kind: 'checkpoint', number: AT, hash: built.hashAt(AT) },
      tail: AT,
      genesisHash: built.hashAt(0),
    });
  });

  it('has nothing below it but block 0, and says so', async () => {
    const chain = await openAt(anchorAt(AT));
    await chain.insert(blocks.slice(AT, 20), SYNC);
    await expect(chain.rawBlocks(5, MANY)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.PRUNED',
      detail: { number: 5, tail: AT },
    });
    expect(await chain.rawBlocks(0, MANY)).toEqual([built.genesis]);
    expect(await chain.rawBlocks(AT, MANY)).toHaveLength(10);
    expect(await chain.rawBlock(5)).toBeUndefined();
    expect(await chain.header(5)).toBeUndefined();
    expect(await chain.validatorsAt(5)).toBeUndefined();
    expect(await chain.validatorsAt(AT)).toHaveLength(5);
    expect(await chain.stateAfter(AT - 1)).toBeUndefined();
    await expect(chain.rewind(5)).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_GAP' });
    expect((await chain.insert(blocks.slice(5, 12), SYNC)).inserted).toEqual([]);
  });

  it('takes the state that the checkpoint says where votes are pending', async () => {
    const state = await stateAfter(13);
    const chain = await openAt(anchorAt(13, { state }));
    await chain.insert(blocks.slice(13), SYNC);
    for (let number = 14; number <= 26; number++) {
      expect(await setAt(chain, number)).toEqual(addresses(number));
    }
  });

  it('begins with genesis without one, says so, and goes through the checkpoint', async () => {
    const log = new RecordingLogger();
    const chain = await chains.open(genesisText, { anchor: anchorAt(13), store: new KeptStore(), log });
    expect(log.messages('warn')).toEqual([
      'the validators after the checkpoint are not in its header: verified from genesis to it',
    ]);
    expect(chain.nextHeight()).toBe(1);
    await expect(chain.insert(blocks.slice(13), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.BAD_SEQUENCE',
    });
    const other = built.fork(12);
    other.seal({ gasLimit: 5_242_881n });
    await expect(chain.insert(other.blocks.slice(1), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ANCHOR_MISMATCH',
      detail: { number: 13 },
    });
    expect((await chain.insert(blocks.slice(13), SYNC)).head.number).toBe(25);
    expect(chain.info().tail).toBe(0);
  });

  it('is not opened with a state that is none', async () => {
    const store = new KeptStore();
    await expect(openAt(anchorAt(13, { state: Uint8Array.of(0xc0) }), store)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ANCHOR_MISMATCH',
    });
    expect(store.closings).toBe(1);
  });

  it('begins at any height of a PoS chain, whose blocks say their set', async () => {
    const pos = ibftChain({ pos: true, epochSize: 10 }).grow(20);
    const anchor = new Anchor({ number: 13, hash: pos.hashAt(13) });
    const chain = await chains.open(pos.genesisText, { anchor });
    expect((await chain.insert(pos.blocks.slice(13), SYNC)).head.number).toBe(20);
    expect(chain.info().trustedSets).toBe(0);
  });

  const body = transfers(1);
  it.each<{ name: string; raw: () => Uint8Array; code: string; number: number }>([
    {
      name: 'another block of its height',
      raw: () => built.fork(9).seal({ gasLimit: 5_242_881n }).raw,
      code: 'BLOCKCHAIN.ANCHOR_MISMATCH',
      number: AT,
    },
    { name: 'another height', raw: () => built.blockAt(11), code: 'BLOCKCHAIN.BAD_SEQUENCE', number: 11 },
    {
      name: 'another body',
      raw: () => encodeBlock({ header: decodeBlock(built.blockAt(AT)).header, transactions: body }),
      code: 'BLOCKCHAIN.BAD_BODY',
      number: AT,
    },
    { name: 'no block', raw: () => Uint8Array.of(0xc0), code: 'BLOCKCHAIN.UNDECODABLE', number: AT },
  ])('refuses $name, and takes the right one then', async ({ raw, code, number }) => {
    const chain = await openAt(anchorAt(AT));
    await expect(chain.insert([raw()], SYNC)).rejects.toMatchObject({ code, detail: { number } });
    expect(chain.head()?.number).toBe(0);
    expect((await chain.insert([built.genesis, built.blockAt(AT)], SYNC)).head.number).toBe(AT);
  });

  it('goes on after a restart, pruned past the checkpoint or not', async () => {
    const store = new KeptStore();
    const first = await openAt(anchorAt(AT), store);
    await first.insert(blocks.slice(AT, 20), SYNC);
    const second = await openAt(anchorAt(AT), store);
    expect(second.info()).toEqual(first.info());
    expect(second.head()).toEqual(first.head());
    await second.insert(blocks.slice(20, 23), SYNC);
    while (await second.prune(15, 2));
    expect(second.info().tail).toBe(15);
    expect(await setAt(second, 15)).toEqual(addresses(15));

    const log = new RecordingLogger();
    const third = await chains.open(genesisText, { anchor: anchorAt(AT), store, log });
    expect(log.messages('info')).toEqual([
      'the checkpoint is below the oldest block kept, so the two cannot be compared',
    ]);
    expect(third.info().tail).toBe(15);
    expect((await third.insert(blocks.slice(23), SYNC)).head.number).toBe(25);
    await expect(third.rawBlocks(14, MANY)).rejects.toMatchObject({ code: 'BLOCKCHAIN.PRUNED' });
  });

  it('refuses a branch from below it', async () => {
    const chain = await chains.open(genesisText, { anchor: anchorAt(AT), finality: 'reference' });
    await chain.insert(blocks.slice(AT, 12), SYNC);
    const branch = built.fork(8);
    branch.seal({ gasLimit: 5_242_881n });
    branch.grow(9);
    await expect(chain.insert(branch.blocks.slice(AT), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.UNKNOWN_PARENT',
    });
    expect(chain.head()?.number).toBe(11);
  });
});

describe('a chain from genesis with a checkpoint', () => {
  it('goes through it', async () => {
    const chain = await openAt(anchorAt(AT));
    expect((await chain.insert(blocks.slice(0, 12), SYNC)).head.number).toBe(11);
    expect(chain.info().tail).toBe(0);
  });

  it('may begin with block 1, also behind another insert', async () => {
    const chain = await openAt(anchorAt(AT));
    const inserts = [chain.insert([], SYNC), chain.insert(blocks.slice(1, 12), SYNC)];
    expect((await Promise.all(inserts))[1]?.head.number).toBe(11);
  });

  it('ends before another block of its height', async () => {
    const other = built.fork(9);
    other.seal({ gasLimit: 5_242_881n });
    const chain = await openAt(anchorAt(AT));
    await expect(chain.insert(other.blocks.slice(1), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ANCHOR_MISMATCH',
      detail: { number: AT },
    });
    expect(chain.head()?.number).toBe(9);
    expect((await chain.insert(blocks.slice(AT), SYNC)).head.number).toBe(25);
  });

  it('is checked against it when it went past it already', async () => {
    const store = new KeptStore();
    const first = await chains.open(genesisText, { store });
    await first.insert(blocks.slice(1), SYNC);
    expect((await openAt(anchorAt(13), store)).head()?.number).toBe(25);
    const wrong = new Anchor({ number: 13, hash: built.hashAt(12) });
    await expect(openAt(wrong, store)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ANCHOR_MISMATCH',
      detail: { number: 13 },
    });
    expect(store.closings).toBe(1);
  });

  it('is not taken by a branch that has another block there', async () => {
    const chain = await chains.open(genesisText, { anchor: anchorAt(AT), finality: 'reference' });
    await chain.insert(blocks.slice(1, 12), SYNC);
    const branch = built.fork(8);
    branch.seal({ gasLimit: 5_242_881n });
    branch.grow(9);
    await expect(chain.insert(branch.blocks.slice(9), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ANCHOR_MISMATCH',
      detail: { number: AT },
    });
    expect(chain.head()).toMatchObject({ number: 11, hash: built.hashAt(11) });
  });

  it('is refused where the checkpoint is of another genesis', async () => {
    await expect(openAt(anchorAt(AT, { genesisHash: built.hashAt(1) }))).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ANCHOR_MISMATCH',
      detail: { number: 0 },
    });
    expect((await openAt(anchorAt(AT, { genesisHash: built.hashAt(0) }))).head()?.number).toBe(0);
  });
});
