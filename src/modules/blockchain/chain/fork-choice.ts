import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { parentHashOf } from '../codec/block.codec.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { InsertOptions } from '../ports/chain.port.js';
import type { Consensus } from '../ports/consensus.port.js';
import type { VerifiedBlock } from '../ports/types.js';
import { decodeBounded } from '../verification/examine-chunk.js';
import type { Examiner } from '../verification/examiner.js';
import type { Anchor } from './anchor.js';
import type { ChainLedger } from './chain-ledger.js';
import { type BlockAnomaly, judgeChunk } from './judge-chunk.js';
import { storedTip } from './stored-tip.js';
import type { Tip } from './tip.js';

/** A branch that grows over several inserts is kept up to these bounds. */
const MAX_BRANCH_BLOCKS = 4_096;
const MAX_BRANCH_BYTES = 64 * 1_024 * 1_024;

/** `engine`: what is sealed is final where the engine says so. `reference`: total difficulty decides, as in the Go client. */
export type Finality = 'engine' | 'reference';

export interface ForkChoiceOptions {
  readonly store: BlockStore;
  readonly ledger: ChainLedger;
  readonly consensus: Consensus;
  readonly examiner: Examiner;
  readonly maxBlockBytes: number;
  readonly finality: Finality;
  readonly anchor: Anchor | undefined;
  readonly isStrict: boolean;
  readonly nowMs: () => number;
}

export interface Considered {
  /** What is of the chain now. */
  readonly stored: readonly VerifiedBlock[];
  readonly anomalies: readonly BlockAnomaly[];
  readonly failure: BlockchainError | undefined;
}

interface Branch {
  readonly ancestor: number;
  readonly blocks: readonly VerifiedBlock[];
  readonly anomalies: readonly BlockAnomaly[];
  readonly tip: Tip;
}

/** Decides over blocks at heights that the chain has already. @see polygon-edge@597a0f3 blockchain/blockchain.go handleReorg, writeHeaderImpl */
export class ForkChoice {
  private branch: Branch | undefined;

  constructor(private readonly options: ForkChoiceOptions) {}

  /** Whether a block goes on from the end of the branch that is kept. */
  isContinuedBy(raw: Uint8Array): boolean {
    const { branch } = this;
    if (branch === undefined) return false;
    const parentHash = parentHashOf(raw);
    return parentHash !== undefined && bytesEqual(parentHash, branch.tip.hash);
  }

  /** @param number Of the first block, which differs from the stored one. */
  async consider(raws: readonly Uint8Array[], number: number, insert: InsertOptions): Promise<Considered> {
    const { consensus, finality, ledger } = this.options;
    const start = await this.startOf(raws, number);
    if (consensus.isFinal && finality === 'engine') return this.refuse(raws, start.tip, insert);
    const judged = await this.verify(raws, start.tip, insert);
    const failure = judged.failure;
    if (judged.blocks.length === 0) return { stored: [], anomalies: [], failure };
    const branch = {
      ancestor: start.ancestor,
      blocks: [...start.blocks, ...judged.blocks],
      anomalies: [...start.anomalies, ...judged.anomalies],
      tip: judged.tip,
    };
    if (await this.isHeavier(branch)) {
      await ledger.replace(branch.blocks, branch.tip, insert.source);
      this.branch = undefined;
      return { stored: branch.blocks, anomalies: branch.anomalies, failure };
    }
    for (const block of judged.blocks) await ledger.keepAside(block, insert.source);
    this.branch = isBounded(branch) ? branch : undefined;
    return { stored: [], anomalies: [], failure };
  }

  /** A block above what is final: proof against its validators, unless their set itself had to be taken on trust. */
  private async refuse(raws: readonly Uint8Array[], parent: Tip, insert: InsertOptions): Promise<Considered> {
    const { blocks, tip, failure } = await this.verify(raws.slice(0, 1), parent, insert);
    const [first] = blocks;
    if (first === undefined) return { stored: [], anomalies: [], failure };
    if (tip.state.trustedSets === parent.state.trustedSets) await this.options.ledger.keepConflict(first);
    const { number } = first;
    const reason = 'validators sealed another block than the one that is final at this height';
    const conflict = new BlockchainError({ code: 'BLOCKCHAIN.FINALITY_CONFLICT', number, reason });
    return { stored: [], anomalies: [], failure: conflict };
  }

  /** Where the blocks begin: at the end of the branch that is known, or right above a block of the chain. */
  private async startOf(raws: readonly Uint8Array[], number: number): Promise<Branch> {
    const { store, consensus, maxBlockBytes } = this.options;
    const [first] = raws;
    if (first === undefined) throw new BlockchainError({ code: 'BLOCKCHAIN.UNKNOWN_PARENT', number });
    const { parentHash } = decodeBounded(first, number, maxBlockBytes).header;
    const known = this.branch;
    if (known !== undefined && bytesEqual(known.tip.hash, parentHash)) {
      if (await this.isRooted(known)) return known;
      this.branch = undefined;
    }
    const tip = await storedTip(store, consensus, number - 1);
    if (tip === undefined || !bytesEqual(tip.hash, parentHash)) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.UNKNOWN_PARENT', number });
    }
    return { ancestor: tip.number, blocks: [], anomalies: [], tip };
  }

  /** Whether the block that the branch begins above is still of the chain. */
  private async isRooted({ ancestor, blocks: [first] }: Branch): Promise<boolean> {
    const hash = await this.options.store.hashByNumber(ancestor);
    return hash !== undefined && first !== undefined && bytesEqual(hash, first.parentHash);
  }

  private async verify(raws: readonly Uint8Array[], tip: Tip, { votesConfirmed = false }: InsertOptions) {
    const { examiner, nowMs } = this.options;
    const examined = await examiner.examine({ parent: tip.raw, blocks: raws, hint: tip.state.encoded });
    return judgeChunk(raws, examined, tip, { ...this.options, nowMs: nowMs(), votesConfirmed });
  }

  private async isHeavier({ ancestor, blocks }: Branch): Promise<boolean> {
    const { store, ledger } = this.options;
    const base = (await store.totalDifficultyAt(ancestor)) ?? 0n;
    const ours = (await store.totalDifficultyAt(ledger.tip?.number ?? 0)) ?? 0n;
    return blocks.reduce((sum, { difficulty }) => sum + difficulty, base) > ours;
  }
}

function isBounded({ blocks }: Branch): boolean {
  if (blocks.length > MAX_BRANCH_BLOCKS) return false;
  return blocks.reduce((sum, { raw }) => sum + raw.length, 0) <= MAX_BRANCH_BYTES;
}
