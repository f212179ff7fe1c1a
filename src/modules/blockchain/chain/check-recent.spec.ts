import { beforeEach, describe, expect, it } from '@jest/globals';
import { readBackup } from '../../../../test/support/fixtures.js';
import { readGenesisText } from '../../../../test/support/genesis-texts.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { InMemoryBlockStore } from '../adapters/memory/in-memory-block-store.adapter.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock, encodeBlock, rawHeaderOf } from '../codec/block.codec.js';
import { createConsensus } from '../consensus/create-consensus.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { VerifiedBlock } from '../ports/types.js';
import { checkRecent } from './check-recent.js';

const consensus = createConsensus(parseGenesis(readGenesisText('ibft-ecdsa')));
function verified(raw: Uint8Array): VerifiedBlock {
  const { header } = decodeBlock(raw);
  const { number, parentHash, difficulty } = header;
  return {
    number,
    hash: consensus.headerHash(header),
    parentHash,
    raw,
    rawHeader: rawHeaderOf(raw),
    difficulty,
  };
}

const blocks = readBackup('ibft-ecdsa').blocks.slice(0, 31).map(verified);
const blockAt = (number: number): VerifiedBlock => {
  const block = blocks[number];
  if (block === undefined) throw new Error(`no block ${number}`);
  return block;
};
const corrupt = (number: number) =>
  new BlockchainError({ code: 'BLOCKCHAIN.STORE_CORRUPT', number, reason: 'planted' });

/** A store whose answers about one height are planted. */
class DamagedStore extends InMemoryBlockStore {
  readonly raws = new Map<number, () => Uint8Array | undefined>();
  readonly hashes = new Map<number, () => Uint8Array | undefined>();
  readonly lost = new Set<number>();

  override async rawBlock(number: number): Promise<Uint8Array | undefined> {
    const planted = this.raws.get(number);
    return planted ? planted() : super.rawBlock(number);
  }

  override async hashByNumber(number: number): Promise<Uint8Array | undefined> {
    const planted = this.hashes.get(number);
    return planted ? planted() : super.hashByNumber(number);
  }

  override async numberByHash(hash: Uint8Array): Promise<number | undefined> {
    const number = await super.numberByHash(hash);
    return number !== undefined && this.lost.has(number) ? undefined : number;
  }
}

describe('checkRecent', () => {
  let store: DamagedStore;
  const log = new SilentLogger();
  const check = (maxBlocks = 10) => checkRecent({ store, consensus, log, maxBlocks });

  beforeEach(() => {
    store = new DamagedStore();
  });

  it('has nothing to look at in an empty store', async () => {
    expect(await check()).toBeUndefined();
  });

  it('leaves a whole chain as it is, whether shorter or longer than what is looked at', async () => {
    await store.append(blocks);
    expect((await check())?.number).toBe(30);
    expect((await checkRecent({ store, consensus, log }))?.number).toBe(30);
    expect((await check(1))?.number).toBe(30);
  });

  it.each([
    { name: 'that was pruned', fill: (store: DamagedStore) => store.prune(25, { maxCount: 100 }) },
    { name: 'whose tail is its head', fill: (store: DamagedStore) => store.prune(30, { maxCount: 100 }) },
  ])('does not miss what is below the tail of a store $name', async ({ fill }) => {
    await store.append(blocks);
    await fill(store);
    expect((await check())?.number).toBe(30);
    expect((await checkRecent({ store, consensus, log }))?.number).toBe(30);
  });

  it('does not miss what is below the checkpoint that a store began from', async () => {
    await store.append(blocks.slice(0, 1));
    await store.startAt(blockAt(20));
    await store.append(blocks.slice(21, 24));
    expect((await check())?.number).toBe(23);
  });

  it.each<{ name: string; damage: (store: DamagedStore) => void; head: number }>([
    {
      name: 'that cannot be read',
      damage: ({ raws }) =>
        raws.set(25, () => {
          throw corrupt(25);
        }),
      head: 24,
    },
    {
      name: 'whose hash cannot be read',
      damage: ({ hashes }) =>
        hashes.set(30, () => {
          throw corrupt(30);
        }),
      head: 29,
    },
    { name: 'that is missing', damage: ({ raws }) => raws.set(25, () => undefined), head: 24 },
    { name: 'whose hash is missing', damage: ({ hashes }) => hashes.set(25, () => undefined), head: 24 },
    { name: 'that is no block', damage: ({ raws }) => raws.set(22, () => Uint8Array.of(0xc0)), head: 21 },
    { name: 'that stands elsewhere', damage: ({ raws }) => raws.set(25, () => blockAt(24).raw), head: 24 },
    { name: 'of another hash', damage: ({ hashes }) => hashes.set(25, () => blockAt(24).hash), head: 24 },
    { name: 'not found by its hash', damage: ({ lost }) => lost.add(25), head: 24 },
  ])('cuts the chain back to before a block $name', async ({ damage, head }) => {
    await store.append(blocks);
    damage(store);
    expect(await check()).toMatchObject({ number: head, hash: blockAt(head).hash });
    expect((await store.head())?.number).toBe(head);
  });

  it('cuts the chain back to where its links break', async () => {
    const { header, transactions } = decodeBlock(blockAt(24).raw);
    const raw = encodeBlock({ header: { ...header, timestamp: header.timestamp + 1n }, transactions });
    const other = verified(raw);
    await store.append([...blocks.slice(0, 24), other, { ...blockAt(25), parentHash: other.hash }]);
    await store.append(blocks.slice(26));
    expect(await check()).toMatchObject({ number: 24, hash: other.hash });
  });

  it.each([
    { name: 'the first block looked at', number: 21, maxBlocks: 10 },
    { name: 'block 0', number: 0, maxBlocks: 100 },
  ])('refuses when $name is damaged: it may not be the only one', async ({ number, maxBlocks }) => {
    await store.append(blocks);
    store.raws.set(number, () => {
      throw corrupt(number);
    });
    await expect(check(maxBlocks)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_CORRUPT',
      detail: { number },
    });
    expect((await store.head())?.number).toBe(30);
  });

  it.each([
    new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: 'input/output error' }),
    new TypeError('a bug'),
  ])('removes nothing for %s', async (error) => {
    await store.append(blocks);
    store.raws.set(25, () => {
      throw error;
    });
    await expect(check()).rejects.toBe(error);
    expect((await store.head())?.number).toBe(30);
  });
});
