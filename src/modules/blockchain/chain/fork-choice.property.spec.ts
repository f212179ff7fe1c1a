import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DevChain, devChain } from '../../../../test/support/chain-builder/index.js';
import { Chains, headerOf } from '../../../../test/support/recorded-chain.js';
import { ReplayedChain } from '../../../../test/support/replayed-chain.js';
import { toHex } from '../../../common/bytes.js';

const SYNC = { source: 'sync' } as const;
const RUNS = 30;

interface Leaf {
  readonly chain: DevChain;
  readonly totalDifficulty: bigint;
}

/** A tree of blocks: each branch leaves an earlier one at some height. */
const trees = fc
  .array(
    fc.record({
      from: fc.nat(),
      at: fc.nat(),
      difficulties: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
    }),
    { minLength: 2, maxLength: 7 },
  )
  .map((plans) => {
    const chains: DevChain[] = [devChain()];
    for (const [index, { from, at, difficulties }] of plans.entries()) {
      const parent = chains[from % chains.length] ?? devChain();
      const chain = parent.fork(at % (parent.height + 1));
      // The time tells blocks of branches apart.
      const later = BigInt(index + 1) * 1_000_000n;
      for (const difficulty of difficulties) {
        chain.seal({ difficulty: BigInt(difficulty), timestamp: later + BigInt(chain.height) });
      }
      chains.push(chain);
    }
    return chains;
  });

function leafAt(chain: DevChain, height: number, weights: ReadonlyMap<string, bigint>): Leaf {
  const cut = chain.fork(height);
  const totalDifficulty = cut.hashes.reduce((sum, hash) => sum + (weights.get(toHex(hash)) ?? 0n), 0n);
  return { chain: cut, totalDifficulty };
}

describe('fork choice', () => {
  it('has the heaviest chain that was seen first, and its events make it', async () => {
    const steps = fc.array(
      fc.record({ chain: fc.nat(), height: fc.nat(), parts: fc.integer({ min: 1, max: 3 }) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    await fc.assert(
      fc.asyncProperty(trees, steps, async (branches, walk) => {
        const weights = new Map<string, bigint>();
        for (const each of branches) {
          for (const [at, hash] of each.hashes.entries()) {
            weights.set(toHex(hash), headerOf(each.blockAt(at)).difficulty);
          }
        }
        const chains = new Chains();
        const chain = await chains.open(devChain().genesisText);
        const replayed = await ReplayedChain.of(chain);
        let best = leafAt(devChain(), 0, weights);
        for (const step of walk) {
          const branch = branches[step.chain % branches.length] ?? devChain();
          const leaf = leafAt(branch, step.height % (branch.height + 1), weights);
          const first = leaf.chain.hashes.findIndex(
            (hash, at) => toHex(hash) !== toHex(best.chain.hashes[at] ?? hash.subarray(1)),
          );
          await insertInParts(leaf.chain.blocks.slice(first < 0 ? leaf.chain.height + 1 : first), step.parts);
          if (leaf.totalDifficulty > best.totalDifficulty) best = leaf;
          expect(toHex(chain.head()?.hash ?? new Uint8Array())).toBe(toHex(best.chain.head.hash));
          expect(replayed.hashes).toEqual(best.chain.hashes.map(toHex));
        }
        await chains.closeAll();

        async function insertInParts(raws: readonly Uint8Array[], parts: number): Promise<void> {
          const size = Math.max(1, Math.ceil(raws.length / parts));
          const inserts: Promise<unknown>[] = [];
          for (let at = 0; at < raws.length; at += size) {
            inserts.push(chain.insert(raws.slice(at, at + size), SYNC));
          }
          await Promise.all(inserts);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
