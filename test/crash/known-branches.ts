import { SeededRandom } from '../sim/seeded-random.js';
import { type DevChain, devChain } from '../support/chain-builder/index.js';

const BASE_BLOCKS = 300;
const MAX_DEPTH = 60;

/** One branch after another, each a block heavier than the one before, from which it forks off. */
export class KnownBranches {
  readonly genesisText: string;
  /** The whole chain once the branch of an index is taken; the first is the base. */
  readonly chains: readonly DevChain[];
  private readonly forks: readonly number[];

  constructor(count: number) {
    const random = new SeededRandom(count);
    const base = devChain().grow(BASE_BLOCKS);
    this.genesisText = base.genesisText;
    const chains = [base];
    const forks = [0];
    let last = base;
    for (let index = 1; index <= count; index++) {
      const at = last.height - 1 - random.below(MAX_DEPTH);
      const next = last.fork(at);
      const miner = new Uint8Array(20).fill(index);
      while (next.height <= last.height) next.seal({ miner });
      chains.push(next);
      forks.push(at);
      last = next;
    }
    this.chains = chains;
    this.forks = forks;
  }

  /** What must be inserted for the chain of an index, when the one before is there. */
  branch(index: number): readonly Uint8Array[] {
    return this.chains[index]?.blocks.slice((this.forks[index] ?? 0) + 1) ?? [];
  }

  /** Which chain has this block for its head. */
  indexOf(hash: Uint8Array): number {
    return this.chains.findIndex(({ head }) => Buffer.compare(head.hash, hash) === 0);
  }
}
