import type { Random } from '../../src/common/random.js';
import { compare, same } from './compare.js';
import { KnownBranches } from './known-branches.js';
import { type KnownChain, votedChain } from './known-chain.js';
import { LONG_BLOCKS, type LongChain, longChain } from './long-chain.js';
import type { OpenedNode } from './open-node.js';

export type WorkloadName = 'sync' | 'prune' | 'reorg' | 'long';

/** What a process does with its chain until it is killed, and what the chain may be afterwards. */
export interface Workload {
  readonly genesisText: string;
  faults(node: OpenedNode): Promise<readonly string[]>;
  /** Ends when there is nothing left to do. */
  run(node: OpenedNode, random: Random): Promise<void>;
}

const SYNC_BLOCKS = 3_000;
const BRANCHES = 150;
const MAX_BATCH = 96;
/** Inserts under way at a time. */
const IN_FLIGHT = 4;
const MAX_LONG_BATCH = 8;
const KEPT_BLOCKS = 300;
const PRUNE_STEP = 64;

export function workload(name: WorkloadName, folder: string): Workload {
  if (name === 'long') return long(longChain(folder));
  if (name === 'reorg') return reorgs(new KnownBranches(BRANCHES));
  return syncing(votedChain(SYNC_BLOCKS), name === 'prune');
}

function syncing(known: KnownChain, isPruned: boolean): Workload {
  return {
    genesisText: known.genesisText,
    faults: (node) => compare(node, known),
    async run({ chain }, random) {
      const underWay: Promise<unknown>[] = [];
      for (let from = chain.nextHeight(); from < known.blocks.length; ) {
        if (underWay.length >= IN_FLIGHT) await underWay.shift();
        const batch = known.blocks.slice(from, from + 1 + random.below(MAX_BATCH));
        underWay.push(chain.insert(batch, { source: 'sync' }));
        const below = (chain.head()?.number ?? 0) - KEPT_BLOCKS;
        if (isPruned && below > 0) underWay.push(chain.prune(below, PRUNE_STEP));
        from += batch.length;
      }
      await Promise.all(underWay);
    },
  };
}

function reorgs(known: KnownBranches): Workload {
  return {
    genesisText: known.genesisText,
    async faults(node) {
      const head = node.chain.head();
      // The base may be there in part: nothing of it is a branch.
      const index =
        head === undefined || head.number < (known.chains[0]?.height ?? 0) ? 0 : known.indexOf(head.hash);
      const chain = known.chains[index];
      return chain === undefined ? [`no branch has the head ${head?.number}`] : compare(node, chain);
    },
    async run({ chain }) {
      const base = known.chains[0]?.blocks ?? [];
      await chain.insert(base, { source: 'sync' });
      const head = chain.head();
      for (let index = head === undefined ? 0 : known.indexOf(head.hash); index < BRANCHES; index++) {
        await chain.insert(known.branch(index + 1), { source: 'sync' });
      }
    },
  };
}

/** Blocks a few at a time above a long chain, of which only these are compared. */
function long({ genesisText, more }: LongChain): Workload {
  return {
    genesisText,
    async faults({ chain, store }) {
      const head = chain.head()?.number ?? -1;
      const faults = head < LONG_BLOCKS ? [`head ${head} of ${LONG_BLOCKS}`] : [];
      for (let number = LONG_BLOCKS + 1; number <= head; number++) {
        const isRight = same(await store.rawBlock(number), more[number - LONG_BLOCKS - 1]);
        if (!isRight) faults.push(`block ${number} has other bytes`);
      }
      return faults;
    },
    async run({ chain }, random) {
      for (let from = (chain.head()?.number ?? 0) - LONG_BLOCKS; from < more.length; ) {
        const batch = more.slice(from, from + 1 + random.below(MAX_LONG_BATCH));
        await chain.insert(batch, { source: 'sync' });
        from += batch.length;
      }
    },
  };
}
