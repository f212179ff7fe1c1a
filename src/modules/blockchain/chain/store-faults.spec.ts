import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { devChain, ibftChain } from '../../../../test/support/chain-builder/index.js';
import { Chains, KeptStore } from '../../../../test/support/recorded-chain.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { ReplayedChain } from '../../../../test/support/replayed-chain.js';
import { toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { BlockRef, VerifiedBlock } from '../ports/types.js';
import { Anchor } from './anchor.js';

const SYNC = { source: 'sync' } as const;
const RUNS = 20;
const full = () => new BlockchainError({ code: 'BLOCKCHAIN.STORE_FULL', reason: 'no space left on device' });
const failed = () => new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: 'planted' });
const chains = new Chains();
afterEach(() => chains.closeAll());

/** Its next writes fail as planned, and nothing of them is kept. */
class FaultyStore extends KeptStore {
  readonly faults: (BlockchainError | undefined)[] = [];

  override async append(blocks: readonly VerifiedBlock[]): Promise<void> {
    this.fail();
    return super.append(blocks);
  }

  override async startAt(block: VerifiedBlock): Promise<void> {
    this.fail();
    return super.startAt(block);
  }

  override async replace(blocks: readonly VerifiedBlock[]): Promise<readonly BlockRef[]> {
    this.fail();
    return super.replace(blocks);
  }

  override async rewind(number: number): Promise<readonly BlockRef[]> {
    this.fail();
    return super.rewind(number);
  }

  override async keepAside(block: VerifiedBlock): Promise<void> {
    this.fail();
    return super.keepAside(block);
  }

  private fail(): void {
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
  }
}

describe('a full disk', () => {
  const built = devChain().grow(10);

  it('is said until a write succeeds; reads go on', async () => {
    const store = new FaultyStore();
    const log = new RecordingLogger();
    const chain = await chains.open(built.genesisText, { store, log });
    await chain.insert(built.blocks.slice(1, 4), SYNC);
    const { events } = await ReplayedChain.of(chain);
    store.faults.push(full(), full());
    for (const _ of [1, 2]) {
      await expect(chain.insert(built.blocks.slice(4), SYNC)).rejects.toMatchObject({
        code: 'BLOCKCHAIN.STORE_FULL',
      });
      expect(chain.info().degraded).toContain('no space left on device');
    }
    expect(chain.head()?.number).toBe(3);
    expect(await chain.rawBlock(3)).toEqual(built.blockAt(3));
    expect(events).toEqual([]);
    expect((await chain.insert(built.blocks.slice(4), SYNC)).head.number).toBe(10);
    expect(chain.info().degraded).toBeUndefined();
    expect(log.messages('error')).toEqual(['the disk is full']);
    expect(log.messages('info')).toEqual(['blocks can be stored again']);
  });

  it('is not what another failure is', async () => {
    const store = new FaultyStore();
    const chain = await chains.open(built.genesisText, { store });
    store.faults.push(failed());
    await expect(chain.insert(built.blocks.slice(1), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_FAILED',
    });
    expect(chain.info().degraded).toBeUndefined();
  });

  it('leaves a branch where it was, to be given again', async () => {
    const store = new FaultyStore();
    const chain = await chains.open(built.genesisText, { store });
    await chain.insert(built.blocks.slice(1), SYNC);
    const branch = built.fork(7);
    branch.seal({ gasLimit: 5_242_879n });
    branch.grow(2);
    await chain.insert(branch.blocks.slice(8, 9), SYNC);
    for (const [from, to] of [
      [9, 11],
      [11, 12],
    ]) {
      branch.seal();
      store.faults.push(full());
      await expect(chain.insert(branch.blocks.slice(from, to), SYNC)).rejects.toMatchObject({
        code: 'BLOCKCHAIN.STORE_FULL',
      });
      expect(chain.head()?.hash).toEqual(built.hashAt(10));
      await chain.insert(branch.blocks.slice(from, to), SYNC);
    }
    expect(chain.head()).toMatchObject({ number: 11, hash: branch.hashAt(11) });
  });

  it('leaves evidence to be given again, and is told of instead', async () => {
    const main = ibftChain().grow(3);
    const store = new FaultyStore();
    const chain = await chains.open(main.genesisText, { store });
    await chain.insert(main.blocks.slice(1), SYNC);
    const other = main.fork(1).seal({ gasLimit: 5_242_881n });
    store.faults.push(full());
    await expect(chain.insert([other.raw], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_FULL' });
    expect(chain.info().conflicts).toBe(0);
    await expect(chain.insert([other.raw], SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.FINALITY_CONFLICT',
    });
    expect(chain.info().conflicts).toBe(1);
  });

  it('leaves the block of a checkpoint to be given again', async () => {
    const main = ibftChain({ epochSize: 5 }).grow(8);
    const store = new FaultyStore();
    const anchor = new Anchor({ number: 5, hash: main.hashAt(5) });
    const chain = await chains.open(main.genesisText, { store, anchor });
    store.faults.push(full());
    await expect(chain.insert(main.blocks.slice(5), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_FULL',
    });
    expect([chain.head()?.number, chain.nextHeight(), chain.info().tail]).toEqual([0, 5, 0]);
    store.faults.push(undefined, failed());
    await expect(chain.insert(main.blocks.slice(5), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_FAILED',
    });
    expect([chain.head()?.number, chain.nextHeight(), chain.info().tail]).toEqual([5, 6, 5]);
    expect((await chain.insert(main.blocks.slice(6), SYNC)).head.number).toBe(8);
  });
});

describe('writes that fail', () => {
  /** A voted chain and a branch of it, so that states, appends, branches, replacements and rewinds all happen. */
  const main = ibftChain().grow(2);
  for (let votes = 0; votes < 3; votes++) main.seal({ vote: { candidate: main.newKey(1), authorize: true } });
  main.grow(7);
  const branch = main.fork(4);
  branch.seal({ gasLimit: 5_242_879n });
  for (let votes = 0; votes < 3; votes++)
    branch.seal({ vote: { candidate: branch.newKey(2), authorize: true } });
  branch.grow(7);

  const steps = fc.array(
    fc.record({
      action: fc.constantFrom<'insert' | 'rewind'>('insert', 'insert', 'insert', 'rewind'),
      chain: fc.constantFrom(main, branch),
      upTo: fc.nat(),
      faults: fc.array(fc.constantFrom(undefined, 'full' as const, 'failed' as const), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 14 },
  );

  it('leave head, events and states as the store has them, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const opened = new Chains();
        const store = new FaultyStore();
        const options = { store, finality: 'reference' } as const;
        const chain = await opened.open(main.genesisText, options);
        const replayed = await ReplayedChain.of(chain);
        let latest = 0;
        chain.head$.subscribe(({ number }) => {
          latest = number;
        });
        for (const { action, chain: source, upTo, faults } of plan) {
          store.faults.splice(0, store.faults.length, ...faults.map(faultOf));
          const height = upTo % (source.height + 1);
          if (action === 'rewind') await chain.rewind(Math.min(height, latest)).catch(expectPlanted);
          else await chain.insert(source.blocks.slice(0, height + 1), SYNC).catch(expectPlanted);
          store.faults.length = 0;
          const head = await store.head();
          expect(chain.head()).toMatchObject({ number: head?.number, hash: head?.hash });
          expect(latest).toBe(head?.number);
          const stored: string[] = [];
          for (let number = 0; number <= latest; number++) {
            stored.push(toHex((await store.hashByNumber(number)) ?? new Uint8Array()));
          }
          expect(replayed.hashes).toEqual(stored);
          const model = stored[latest] === toHex(main.hashes[latest] ?? new Uint8Array()) ? main : branch;
          const set = await chain.validatorsAt(latest + 1);
          expect(set?.map(({ address }) => toHex(address))).toEqual(
            model.setAt(latest + 1).map(({ address }) => toHex(address)),
          );
        }
        const again = await opened.open(main.genesisText, options);
        expect(again.head()).toEqual(chain.head());
        await opened.closeAll();
      }),
      { numRuns: RUNS },
    );
  });
});

function faultOf(kind: 'full' | 'failed' | undefined): BlockchainError | undefined {
  if (kind === undefined) return undefined;
  return kind === 'full' ? full() : failed();
}

function expectPlanted(error: unknown): void {
  expect(error).toMatchObject({ code: expect.stringMatching(/^BLOCKCHAIN\.STORE_(FULL|FAILED)$/) });
}
