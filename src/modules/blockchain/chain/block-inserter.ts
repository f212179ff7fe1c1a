import { setImmediate as nextTurn } from 'node:timers/promises';
import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { numberOf } from '../codec/block.codec.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { InsertOptions } from '../ports/chain.port.js';
import type { BlockRef } from '../ports/types.js';
import { decodeBounded, type ExaminedChunk } from '../verification/examine-chunk.js';
import type { Examiner } from '../verification/examiner.js';
import type { Anchor } from './anchor.js';
import { tipAtAnchor } from './anchor-tip.js';
import type { ChainLedger } from './chain-ledger.js';
import type { ForkChoice } from './fork-choice.js';
import { type GenesisRules, mismatch, verifyGenesis } from './genesis-check.js';
import type { ExaminedAhead } from './insert-queue.js';
import { type JudgedChunk, judgeChunk } from './judge-chunk.js';
import type { FirstBlock, Tip } from './tip.js';

/** Known blocks compared before other work gets its turn. */
const KNOWN_PER_TURN = 32;

export interface BlockInserterOptions extends GenesisRules {
  readonly store: BlockStore;
  readonly ledger: ChainLedger;
  readonly examiner: Examiner;
  readonly forkChoice: ForkChoice;
  readonly anchor: Anchor | undefined;
  readonly isStrict: boolean;
  readonly nowMs: () => number;
}

/** Brings blocks into the chain: one call at a time. What fails is thrown after what is good was stored. */
export class BlockInserter {
  /** A peer's block 0, until block 1, which the quorum sealed, follows it. */
  private genesis: FirstBlock | undefined;
  private genesisTaken: Uint8Array | undefined;

  constructor(private readonly options: BlockInserterOptions) {}

  /** The block that the next one follows: stored, or a genesis that waits for block 1. */
  get tip(): Tip | undefined {
    return this.options.ledger.tip ?? this.genesis?.tip;
  }

  /** Of a genesis that came from a peer and was stored since the chain was opened. */
  get genesisHash(): Uint8Array | undefined {
    return this.genesisTaken;
  }

  /** Whether the checkpoint's block is what is missing next. */
  get needsAnchor(): boolean {
    const { anchor, ledger, consensus } = this.options;
    return (
      anchor !== undefined && anchor.number > 1 && ledger.tip?.number === 0 && anchor.canBegin(consensus)
    );
  }

  /** @param ahead Of these blocks, where they were thought to follow the tip. */
  async insert(
    raws: readonly Uint8Array[],
    insert: InsertOptions,
    ahead?: ExaminedAhead,
  ): Promise<readonly BlockRef[]> {
    const { tip } = this;
    if (tip !== undefined && ahead?.parent === tip.raw && !this.continuesBranch(raws[0])) {
      return this.append(raws, ahead.chunk, tip, insert);
    }
    return this.insertAny(raws, insert);
  }

  /** Genesis, the checkpoint's block, known ones, a branch, and what follows the tip. */
  private async insertAny(raws: readonly Uint8Array[], insert: InsertOptions): Promise<readonly BlockRef[]> {
    let rest = raws;
    const stored: BlockRef[] = [];
    const [block0] = rest;
    if (block0 !== undefined && this.awaitsGenesis(block0)) {
      stored.push(...(await this.takeGenesis(block0, insert)));
      rest = rest.slice(1);
    }
    rest = await this.skipKnown(rest, insert);
    if (this.needsAnchor && rest[0] !== undefined && numberOf(rest[0]) !== 1) {
      stored.push(await this.takeAnchor(rest[0], insert));
      rest = rest.slice(1);
    }
    const [first] = rest;
    const tip = this.tip;
    if (first === undefined || tip === undefined) return stored;
    const number = numberOf(first);
    if (number !== undefined && (number <= tip.number || this.continuesBranch(first))) {
      return this.insertBranch(rest, number, insert);
    }
    if (number !== undefined && number > tip.number + 1) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEQUENCE', number, expected: tip.number + 1 });
    }
    const job = { parent: tip.raw, blocks: rest, hint: tip.state.encoded };
    return [...stored, ...(await this.append(rest, this.options.examiner.examine(job), tip, insert))];
  }

  private async append(
    raws: readonly Uint8Array[],
    examined: Promise<ExaminedChunk>,
    tip: Tip,
    insert: InsertOptions,
  ): Promise<readonly BlockRef[]> {
    const chunk = await examined;
    if (insert.signal?.aborted) throw cancelled(insert);
    const { nowMs, ledger } = this.options;
    const { votesConfirmed = false } = insert;
    const judged = judgeChunk(raws, chunk, tip, { ...this.options, nowMs: nowMs(), votesConfirmed });
    const stored = await this.store(judged, insert);
    for (const anomaly of judged.anomalies) ledger.report(anomaly);
    if (judged.failure !== undefined) throw judged.failure;
    return stored;
  }

  private async store({ blocks, tip }: JudgedChunk, { source }: InsertOptions): Promise<readonly BlockRef[]> {
    const { genesis } = this;
    const all = genesis === undefined ? blocks : [genesis.block, ...blocks];
    if (blocks.length > 0) {
      await this.options.ledger.append(all, tip, source);
      this.genesisTaken ??= genesis?.block.hash;
    }
    // Block 1 does not follow it: another peer's may be the right one.
    this.genesis = undefined;
    return blocks.length === 0 ? [] : all.map(({ number, hash }) => ({ number, hash }));
  }

  /** Whether a block is to be genesis: the first there is, or one in place of that which waits. */
  private awaitsGenesis(first: Uint8Array): boolean {
    if (this.options.ledger.tip !== undefined) return false;
    return this.genesis === undefined || numberOf(first) === 0;
  }

  /** Stores it where the checkpoint vouches for it; otherwise it waits for block 1. */
  private async takeGenesis(raw: Uint8Array, { source }: InsertOptions): Promise<BlockRef[]> {
    const number = numberOf(raw);
    if (number !== undefined && number > 0) throw new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISSING' });
    const genesis = verifyGenesis(raw, this.options);
    const { block, tip } = genesis;
    if (this.options.anchor?.vouchesForGenesis(block.hash)) {
      await this.options.ledger.append([block], tip, source);
      this.genesisTaken = block.hash;
      return [{ number: block.number, hash: block.hash }];
    }
    this.genesis = genesis;
    return [];
  }

  private async takeAnchor(raw: Uint8Array, { source }: InsertOptions): Promise<BlockRef> {
    const { anchor, ledger } = this.options;
    if (anchor === undefined) throw new Error('no checkpoint');
    const { block, tip } = tipAtAnchor(raw, anchor, this.options);
    await ledger.startAt(block, tip, source);
    return { number: tip.number, hash: tip.hash };
  }

  /** What is left once blocks that are stored already are passed over. @throws {BlockchainError} BLOCKCHAIN.GENESIS_MISMATCH */
  private async skipKnown(
    raws: readonly Uint8Array[],
    insert: InsertOptions,
  ): Promise<readonly Uint8Array[]> {
    const { store, consensus, maxBlockBytes, ledger } = this.options;
    for (const [index, raw] of raws.entries()) {
      if (index % KNOWN_PER_TURN === KNOWN_PER_TURN - 1) await nextTurn();
      if (insert.signal?.aborted) throw cancelled(insert);
      const number = numberOf(raw);
      if (number === undefined || number > (ledger.tip?.number ?? -1)) return raws.slice(index);
      if (number === 0) verifyGenesis(raw, this.options);
      const { header } = decodeBounded(raw, number, maxBlockBytes);
      const known = await store.hashByNumber(number);
      // Below what is kept nothing can be compared, and nothing can be changed.
      if (known === undefined || bytesEqual(consensus.headerHash(header), known)) continue;
      if (number === 0) throw mismatch('the hash of block 0 is another');
      return raws.slice(index);
    }
    return [];
  }

  private async insertBranch(
    raws: readonly Uint8Array[],
    number: number,
    insert: InsertOptions,
  ): Promise<BlockRef[]> {
    const { forkChoice, ledger } = this.options;
    if (insert.signal?.aborted) throw cancelled(insert);
    const taken = await forkChoice.consider(raws, number, insert);
    for (const anomaly of taken.anomalies) ledger.report(anomaly);
    if (taken.failure !== undefined) throw taken.failure;
    return taken.stored.map((block) => ({ number: block.number, hash: block.hash }));
  }

  private continuesBranch(first: Uint8Array | undefined): boolean {
    return first !== undefined && this.options.forkChoice.isContinuedBy(first);
  }
}

function cancelled({ signal }: InsertOptions): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.CANCELLED' }, signal?.reason);
}
