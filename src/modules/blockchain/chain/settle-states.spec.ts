import { afterEach, describe, expect, it } from '@jest/globals';
import { type IbftChain, ibftChain } from '../../../../test/support/chain-builder/index.js';
import {
  Chains,
  headerOf,
  KeptStore,
  polybft,
  polybftText,
} from '../../../../test/support/recorded-chain.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { rawHeaderOf } from '../codec/block.codec.js';
import type { RangeLimits, StateRecord } from '../ports/block-store.port.js';
import type { BlockRef, VerifiedBlock } from '../ports/types.js';

const SYNC = { source: 'sync' } as const;
const VERIFYING = 'verifying the stored blocks, as their seals were not';
const CUT = 'stored blocks do not verify and are taken back';
const chains = new Chains();
afterEach(() => chains.closeAll());

/** As stores were before states were kept, and with faults to plant. */
class OldStore extends KeptStore {
  keepsStates = false;
  readonly failures: { rewind?: Error; putStates?: Error; rawBlocks?: (from: number) => Error | undefined } =
    {};

  override append(blocks: readonly VerifiedBlock[]): Promise<void> {
    return super.append(this.keepsStates ? blocks : blocks.map(({ state: _, ...block }) => block));
  }

  override async putStates(records: readonly StateRecord[]): Promise<void> {
    const { putStates } = this.failures;
    if (putStates !== undefined) throw putStates;
    return super.putStates(records);
  }

  override async rewind(number: number): Promise<readonly BlockRef[]> {
    const { rewind } = this.failures;
    if (rewind !== undefined) throw rewind;
    return super.rewind(number);
  }

  override async rawBlocks(from: number, limits: RangeLimits): Promise<readonly Uint8Array[]> {
    const failure = this.failures.rawBlocks?.(from);
    if (failure !== undefined) throw failure;
    return super.rawBlocks(from, limits);
  }

  /** What nobody verified. */
  async fill({ blocks, hashes }: IbftChain): Promise<this> {
    await this.append(
      blocks.map((raw, number) => {
        const { parentHash, difficulty } = headerOf(raw);
        const hash = hashes[number] ?? parentHash;
        return { number, hash, parentHash, raw, rawHeader: rawHeaderOf(raw), difficulty };
      }),
    );
    this.keepsStates = true;
    return this;
  }
}

/** 140 blocks, with a validator voted in by block 132. */
function votedChain(): IbftChain {
  const chain = ibftChain().grow(129);
  for (let votes = 0; votes < 3; votes++)
    chain.seal({ vote: { candidate: chain.newKey(), authorize: true } });
  return chain.grow(8);
}

/** Block 6 lacks seals. */
function unsealedChain(): IbftChain {
  const chain = ibftChain().grow(5);
  chain.seal({ signers: 1 });
  return chain.grow(4);
}

describe('a store without states', () => {
  const voted = votedChain();

  it('is verified from genesis when it is opened, once', async () => {
    const store = await new OldStore().fill(voted);
    const log = new RecordingLogger();
    const chain = await chains.open(voted.genesisText, { store, log });
    expect(log.lines).toEqual([{ level: 'info', message: VERIFYING, fields: { height: 140 } }]);
    expect(chain.head()).toMatchObject({ number: 140, hash: voted.hashAt(140) });
    for (const number of [1, 129, 130, 132, 133, 134, 141]) {
      expect((await chain.validatorsAt(number))?.map(({ address }) => toHex(address))).toEqual(
        voted.setAt(number).map(({ address }) => toHex(address)),
      );
    }
    expect((await chain.insert([voted.fork(140).seal().raw], SYNC)).head.number).toBe(141);
    const silent = new RecordingLogger();
    await chains.open(voted.genesisText, { store, log: silent });
    expect(silent.lines).toEqual([]);
  });

  it('may hold genesis alone', async () => {
    const built = ibftChain();
    const store = await new OldStore().fill(built);
    const chain = await chains.open(built.genesisText, { store });
    expect(chain.head()?.number).toBe(0);
    expect(await chain.validatorsAt(1)).toHaveLength(4);
  });

  it('may be of a chain whose genesis came from a peer', async () => {
    const store = new OldStore();
    const first = await chains.open(polybftText, { store });
    await first.insert(polybft.slice(0, 30), SYNC);
    expect(await first.stateAfter(29)).toBeUndefined();
    store.keepsStates = true;
    const chain = await chains.open(polybftText, { store });
    expect((await chain.insert(polybft.slice(30, 40), SYNC)).head.number).toBe(39);
  });

  it('loses what does not verify, with a warning', async () => {
    const built = unsealedChain();
    const store = await new OldStore().fill(built);
    const log = new RecordingLogger();
    const chain = await chains.open(built.genesisText, { store, log });
    expect(log.lines).toMatchObject([
      { level: 'info', message: VERIFYING },
      { level: 'warn', message: CUT, fields: { height: 5, removed: 5, code: 'BLOCKCHAIN.BAD_SEAL' } },
    ]);
    expect(chain.head()).toMatchObject({ number: 5, hash: built.hashAt(5) });
    expect((await chain.insert([built.fork(5).seal().raw], SYNC)).head.number).toBe(6);
  });

  it.each(['rewind', 'putStates'] as const)('never counts as verified when %s failed', async (write) => {
    const built = unsealedChain();
    const store = await new OldStore().fill(built);
    const failure = new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: 'planted' });
    store.failures[write] = failure;
    await expect(chains.open(built.genesisText, { store })).rejects.toBe(failure);
    expect(await store.stateAt(10)).toBeUndefined();
    delete store.failures[write];
    expect((await chains.open(built.genesisText, { store })).head()?.number).toBe(5);
  });

  it('loses what cannot be read for damage, and nothing where the disk fails', async () => {
    const store = await new OldStore().fill(voted);
    const failed = new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: 'input/output error' });
    store.failures.rawBlocks = (from) => (from > 1 ? failed : undefined);
    await expect(chains.open(voted.genesisText, { store })).rejects.toBe(failed);
    expect((await store.head())?.number).toBe(140);

    const damaged = new BlockchainError({ code: 'BLOCKCHAIN.STORE_CORRUPT', number: 140, reason: 'planted' });
    store.failures.rawBlocks = (from) => (from > 1 ? damaged : undefined);
    const chain = await chains.open(voted.genesisText, { store });
    expect(chain.head()?.number).toBe(128);
    delete store.failures.rawBlocks;
    expect((await chain.insert(voted.blocks.slice(129), SYNC)).head.number).toBe(140);
  });

  it('is not opened with a state that cannot be decoded', async () => {
    const built = ibftChain().grow(3);
    const store = await new OldStore().fill(built);
    await store.putStates([{ number: 2, state: Uint8Array.of(0xc0) }]);
    await expect(chains.open(built.genesisText, { store })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_CORRUPT',
      detail: { number: 2 },
    });
    expect(store.closings).toBe(1);
  });
});
