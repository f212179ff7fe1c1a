import { Injectable } from '@nestjs/common';
import { errorText } from '../../common/app-error.js';
import { BlockchainError } from '../blockchain/index.js';
import type { PeerId } from '../network/index.js';
import { BranchFinder } from './branch-finder.js';
import { Fetcher } from './fetcher.js';
import { type InsertFailure, type InsertListener, InsertQueue } from './insert-queue.js';
import { PeerConduct } from './peer-conduct.js';
import type { Round } from './round.js';
import { roundErrorOf } from './round-error.js';
import { SyncError } from './sync.errors.js';
import { VoteDisputes } from './vote-disputes.js';
import { VoteWatch } from './vote-watch.js';

export interface OutcomeOptions {
  readonly signal: AbortSignal;
  /** So many blocks are stored. */
  readonly onStored: (blocks: number) => void;
  /** There may be something to fetch. */
  readonly onChange: () => void;
}

/** What follows when the chain took blocks, or did not: who is blamed, and what is found out first. */
@Injectable()
export class InsertOutcomes implements InsertListener {
  readonly #tasks = new Set<Promise<void>>();
  #options: OutcomeOptions | undefined;

  constructor(
    private readonly inserts: InsertQueue,
    private readonly fetcher: Fetcher,
    private readonly conduct: PeerConduct,
    private readonly branches: BranchFinder,
    private readonly disputes: VoteDisputes,
    private readonly votes: VoteWatch,
  ) {}

  start(options: OutcomeOptions): void {
    this.#options = options;
    this.inserts.start(this, options.signal);
  }

  /** To be called before ranges are leased: peers may have left. */
  review(): void {
    this.disputes.review();
  }

  /** The peer did something wrong while it was read from. */
  peerFailed(peerId: PeerId): void {
    this.disputes.failed(peerId);
  }

  /** Resolves when nothing is being found out any more; the signal must have aborted. */
  async stop(): Promise<void> {
    await Promise.all(this.#tasks);
  }

  onStored(peerId: PeerId, from: number, blocks: readonly Uint8Array[]): void {
    const options = this.#options;
    if (options === undefined) return;
    const height = from + blocks.length - 1;
    this.conduct.reached(height);
    this.conduct.gave(peerId);
    const { signal, onChange } = options;
    const comparison = this.votes.stored(peerId, from, blocks, { signal, onTurned: onChange });
    if (comparison !== undefined) this.#track(comparison, options);
    this.disputes.reached(height);
    options.onStored(blocks.length);
  }

  onIdle(): void {
    this.fetcher.advance();
  }

  onFailed(failure: InsertFailure): void {
    const options = this.#options;
    if (options === undefined || options.signal.aborted) return;
    const { round, height } = failure;
    const { peerId } = round;
    const error = errorOf(failure);
    if (error.code === 'SYNC.LOCAL_FAILURE') {
      this.conduct.pause(error);
      this.fetcher.restart(error, round);
    } else if (this.#isApart(failure)) {
      this.#follow(round, height - 1, options);
    } else if (isUnexplained(failure.error)) {
      const complaint = this.disputes.complain(peerId, error, failure.error.detail, options.signal);
      this.#track(complaint, options);
      this.fetcher.discard(peerId);
    } else {
      this.conduct.blame(peerId, error);
      this.disputes.failed(peerId);
      this.fetcher.discard(peerId, error, round);
    }
    options.onChange();
  }

  /** Its first block does not continue our head, and its branch was not looked for yet. */
  #isApart({ error, height, round }: InsertFailure): boolean {
    const isApart = error instanceof BlockchainError && error.code === 'BLOCKCHAIN.UNKNOWN_PARENT';
    return isApart && height === round.from && this.branches.begin(round.peerId, height - 1);
  }

  #follow({ peerId, claimed }: Round, head: number, options: OutcomeOptions): void {
    const { signal } = options;
    this.conduct.setAside(peerId);
    this.disputes.failed(peerId);
    this.fetcher.discard(peerId);
    const follow = async () => {
      const error = await this.branches.follow({ peerId, head, claimed, signal }, () =>
        this.fetcher.restart(),
      );
      this.conduct.release(peerId);
      if (error !== undefined) this.conduct.blame(peerId, error);
    };
    this.#track(follow(), options);
  }

  #track(work: Promise<void>, { signal, onChange }: OutcomeOptions): void {
    const failed = (error: unknown) => {
      const reason = errorText(error);
      if (!signal.aborted) this.conduct.pause(new SyncError({ code: 'SYNC.LOCAL_FAILURE', reason }, error));
    };
    const task = work.catch(failed).finally(() => {
      this.#tasks.delete(task);
      onChange();
    });
    this.#tasks.add(task);
  }
}

function errorOf({ error, height, round: { peerId } }: InsertFailure): SyncError {
  if (error !== undefined) return roundErrorOf(error, { peerId, height });
  return new SyncError({ code: 'SYNC.OUT_OF_ORDER', peerId, expected: height, reached: height - 1 });
}

type UnexplainedError = BlockchainError & {
  readonly detail: Extract<BlockchainError['detail'], { code: 'BLOCKCHAIN.SET_UNEXPLAINED' }>;
};

function isUnexplained(error: unknown): error is UnexplainedError {
  return error instanceof BlockchainError && error.code === 'BLOCKCHAIN.SET_UNEXPLAINED';
}
