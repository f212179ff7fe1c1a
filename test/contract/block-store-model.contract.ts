import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BlockchainError } from '../../src/modules/blockchain/blockchain.errors.js';
import type { BlockStore } from '../../src/modules/blockchain/ports/block-store.port.js';
import type { VerifiedBlock } from '../../src/modules/blockchain/ports/types.js';
import { ModelBlockStore } from '../support/model-block-store.js';
import { aStoredBlock, storedBlocks, storedState } from '../support/stored-blocks.js';

const WHOLE = { maxCount: 1_000, maxBytes: 1_000_000 };
const SEQUENCES = 25;

const nat = (max: number) => fc.nat({ max });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ append: nat(7), fork: nat(2), skip: nat(8) }) },
  { weight: 2, arbitrary: fc.record({ replaceFrom: nat(6), count: nat(7), fork: nat(2), skip: nat(8) }) },
  { weight: 2, arbitrary: fc.record({ rewindBy: nat(7) }) },
  { weight: 2, arbitrary: fc.record({ pruneBelow: nat(9), maxCount: nat(4) }) },
  { weight: 1, arbitrary: fc.record({ statesAt: fc.array(nat(7), { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ asideBy: nat(7), fork: nat(3) }) },
  { weight: 1, arbitrary: fc.record({ startAbove: nat(9) }) },
  { weight: 1, arbitrary: fc.constant({ reopen: true as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** @param newStore Names a place for a new store; what it gives opens that store, again and again if it is durable. */
export function blockStoreModelContract(
  name: string,
  newStore: () => () => Promise<BlockStore>,
  { isDurable }: { readonly isDurable: boolean },
): void {
  it(`${name} agrees with a simple model on any sequence of changes`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const open = newStore();
        const play = new Play(await open());
        try {
          for (const each of steps) {
            if (!('reopen' in each)) await play.carryOut(each);
            else if (isDurable) await play.reopen(open);
            await play.compare();
          }
        } finally {
          await play.store.close();
        }
      }),
      { numRuns: SEQUENCES },
    );
  });
}

class Play {
  private readonly model = new ModelBlockStore();
  private readonly hashes: Uint8Array[] = [];

  constructor(public store: BlockStore) {}

  async reopen(open: () => Promise<BlockStore>): Promise<void> {
    await this.store.close();
    this.store = await open();
  }

  async carryOut(step: Exclude<Step, { reopen: true }>): Promise<void> {
    const { store, model } = this;
    const head = (await store.head())?.number ?? -1;
    if ('append' in step) {
      const blocks = await this.branch(head + 1, step.append, step);
      expect(await outcome(store.append(blocks))).toEqual(model.append(blocks));
    } else if ('replaceFrom' in step) {
      const blocks = await this.branch(head + 1 - step.replaceFrom, step.count, step);
      expect(await outcome(store.replace(blocks))).toEqual(model.replace(blocks));
    } else if ('rewindBy' in step) {
      const number = head - step.rewindBy;
      expect(await outcome(store.rewind(number))).toEqual(model.rewind(number));
    } else if ('pruneBelow' in step) {
      const [number, maxCount] = [head - step.pruneBelow, step.maxCount];
      expect(await store.prune(number, { maxCount })).toEqual(model.prune(number, maxCount));
    } else if ('statesAt' in step) {
      const records = step.statesAt.map((by) => ({ number: head - by, state: storedState(head - by, 9) }));
      expect(await outcome(store.putStates(records))).toEqual(model.putStates(records));
    } else if ('asideBy' in step) {
      const block = this.known(aStoredBlock(Math.max(head - step.asideBy, 0), step));
      await store.keepAside(block);
      model.keepAside(block);
    } else {
      const block = this.known({ ...aStoredBlock(head + step.startAbove), state: storedState(head) });
      expect(await outcome(store.startAt(block))).toEqual(model.startAt(block));
    }
  }

  async compare(): Promise<void> {
    const { store, hashes } = this;
    const head = await store.head();
    const tail = await store.tail();
    const heights = Array.from({ length: (head?.number ?? 0) + 2 }, (_, number) => number);
    const whole = await store.rawBlocks(tail, WHOLE);
    const facts = {
      head: head && { ...head, hash: hex(head.hash) },
      tail,
      bodyBytes: await store.bodyBytes(),
      whole: whole.map(hex),
      heights: await Promise.all(
        heights.map(async (number) => {
          const state = await store.stateAt(number);
          return {
            raw: hex(await store.rawBlock(number)),
            header: hex(await store.rawHeader(number)),
            hash: hex(await store.hashByNumber(number)),
            totalDifficulty: await store.totalDifficultyAt(number),
            state: state && { number: state.number, state: hex(state.state) },
          };
        }),
      ),
      hashes: await Promise.all(
        hashes.map(async (hash) => {
          const removed = await store.removedBlock(hash);
          return {
            number: await store.numberByHash(hash),
            removed: removed && { number: removed.number, raw: hex(removed.raw) },
          };
        }),
      ),
    };
    expect(facts).toEqual(this.model.facts(heights, hashes));
  }

  /** Blocks that follow what is there, now and then with a gap; forks of the same number share their blocks. */
  private async branch(from: number, count: number, { fork, skip }: { fork: number; skip: number }) {
    const first = Math.max(from + (skip === 8 ? 1 : 0), 0);
    const parentHash = (await this.store.hashByNumber(from - 1)) ?? new Uint8Array(32);
    return storedBlocks(first, first + count - 1, { fork, statesEvery: 3 }).map((block, at) =>
      this.known(at === 0 ? { ...block, parentHash } : block),
    );
  }

  private known(block: VerifiedBlock): VerifiedBlock {
    this.hashes.push(block.hash);
    return block;
  }
}

/** As the model says it: false for a gap, true where there is nothing to give. */
async function outcome(written: Promise<unknown>): Promise<unknown> {
  try {
    return (await written) ?? true;
  } catch (error) {
    expect((error as BlockchainError).code).toBe('BLOCKCHAIN.STORE_GAP');
    return false;
  }
}

const hex = (value: Uint8Array | undefined) => value && Buffer.from(value).toString('hex');
