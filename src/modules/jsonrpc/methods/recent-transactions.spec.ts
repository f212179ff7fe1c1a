import { afterEach, describe, expect, it } from '@jest/globals';
import { readJsonl } from '../../../../test/support/fixtures.js';
import { blockOf, Chains, ecdsa } from '../../../../test/support/recorded-chain.js';
import { fromHex } from '../../../common/bytes.js';
import { type Chain, decodeBlock, encodeBlock, keccak256 } from '../../blockchain/index.js';
import type { ChainForms } from '../objects/block.mapper.js';
import { BlockReader } from './block-reader.js';
import { RecentTransactions } from './recent-transactions.js';

const forms: ChainForms = { chainId: 4101, isPolybft: false, hashWithType: () => true };
const recorded = readJsonl<{ transactions: { hash: string }[] }>('ibft-ecdsa/blocks.jsonl');
const hashAt = (number: number, index = 0) =>
  fromHex(recorded[number]?.transactions[index]?.hash ?? '') ?? new Uint8Array();

/** Blocks of our own making, as no recorded network has two of one height. */
class MadeChain {
  onRead = () => {};
  private readonly blocks: { hash: Uint8Array; raw: Uint8Array }[] = [];
  readonly chain = {
    info: () => ({ tail: 0 }),
    head: () => ({ number: this.blocks.length - 1 }),
    hashByNumber: async (number: number) => this.blocks[number]?.hash,
    rawBlock: async (number: number) => {
      this.onRead();
      return this.blocks[number]?.raw;
    },
  } as unknown as Chain;

  /** The newest block from now on; its transactions are those of a recorded one. */
  put(number: number, like: number): void {
    this.blocks.length = number;
    const { header, transactions } = decodeBlock(blockOf(ecdsa, like));
    const parentHash = this.blocks.at(-1)?.hash ?? new Uint8Array(32);
    const raw = encodeBlock({ header: { ...header, number, parentHash }, transactions });
    this.blocks.push({ hash: keccak256(raw), raw });
  }
}

describe(RecentTransactions.name, () => {
  const chains = new Chains();
  afterEach(() => chains.closeAll());

  async function over(height: number, limits: { maxBlocks?: number; maxTransactions?: number } = {}) {
    const chain = await chains.open();
    const grow = (from: number, to: number) => chain.insert(ecdsa.slice(from, to + 1), { source: 'sync' });
    await grow(1, height);
    const reader = new BlockReader(chain);
    return {
      chain,
      grow,
      recent: new RecentTransactions({ chain, reader, forms, maxBlocks: 100, ...limits }),
    };
  }

  it('finds what was mined, also since it was last asked', async () => {
    const { recent, grow } = await over(25);
    expect(await recent.find(hashAt(25, 3))).toEqual({ number: 25, index: 3 });
    expect(await recent.find(hashAt(26))).toBeUndefined();
    await grow(26, 65);
    expect(await recent.find(hashAt(26))).toEqual({ number: 26, index: 0 });
    expect(await recent.find(hashAt(64))).toEqual({ number: 64, index: 0 });
    expect(await recent.find(hashAt(25))).toEqual({ number: 25, index: 0 });
  });

  it('reads once for all who ask at the same time', async () => {
    const { recent, chain } = await over(26);
    const read: number[] = [];
    const rawBlock = chain.rawBlock.bind(chain);
    chain.rawBlock = (number) => {
      read.push(number);
      return rawBlock(number);
    };
    expect(await Promise.all([recent.find(hashAt(25)), recent.find(hashAt(26))])).toEqual([
      { number: 25, index: 0 },
      { number: 26, index: 0 },
    ]);
    expect(read).toEqual(Array.from({ length: 27 }, (_, below) => 26 - below));
  });

  it('forgets a block that is replaced while those above it are read', async () => {
    const made = new MadeChain();
    for (const [number, like] of [1, 25].entries()) made.put(number, like);
    const { chain } = made;
    const recent = new RecentTransactions({ chain, reader: new BlockReader(chain), forms, maxBlocks: 100 });
    expect(await recent.find(hashAt(25))).toEqual({ number: 1, index: 0 });
    made.put(2, 64);
    made.onRead = () => {
      made.onRead = () => {};
      for (const [above, like] of [26, 65, 64].entries()) made.put(1 + above, like);
    };
    expect(await recent.find(hashAt(25))).toBeUndefined();
    expect(await recent.find(hashAt(26))).toEqual({ number: 1, index: 0 });
    expect(await recent.find(hashAt(64))).toEqual({ number: 3, index: 0 });
  });

  it('forgets blocks that are not of the chain any more', async () => {
    const { recent, chain, grow } = await over(26);
    expect(await recent.find(hashAt(26))).toBeDefined();
    await chain.rewind(25);
    expect(await recent.find(hashAt(26))).toBeUndefined();
    expect(await recent.find(hashAt(25))).toBeDefined();
    await grow(26, 26);
    expect(await recent.find(hashAt(26))).toBeDefined();
  });

  it('looks no further down than told', async () => {
    const { recent, grow } = await over(26, { maxBlocks: 2 });
    expect(await recent.find(hashAt(25))).toBeDefined();
    await grow(27, 27);
    expect(await recent.find(hashAt(25))).toBeUndefined();
    expect(await recent.find(hashAt(26))).toBeDefined();
    await grow(28, 64);
    expect(await recent.find(hashAt(26))).toBeUndefined();
    expect(await recent.find(hashAt(64))).toBeDefined();
  });

  it('keeps the newest where there are too many', async () => {
    const { recent, grow } = await over(26, { maxTransactions: 26 });
    expect(await recent.find(hashAt(26))).toBeDefined();
    await grow(27, 66);
    expect(await recent.find(hashAt(65))).toBeDefined();
    expect(await recent.find(hashAt(25))).toBeUndefined();
  });

  it('finds nothing where it may not look', async () => {
    const { recent } = await over(26, { maxBlocks: 0 });
    expect(await recent.find(hashAt(26))).toBeUndefined();
  });
});
