import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, delay } from '../../common/clock.js';
import { CHAIN, type Chain, type Vote } from '../blockchain/index.js';
import { NetworkError, type PeerId } from '../network/index.js';
import { PeerConduct } from './peer-conduct.js';
import { SYNC_METRICS, type SyncMetrics } from './sync.metrics.js';
import { isSameVote, VoteCopies } from './vote-copies.js';
import { VoteDisputes } from './vote-disputes.js';

/** So far below what peers claim a block is at the head. */
const AT_HEAD_BLOCKS = 16;
/** Votes that wait to be compared; those of long ago give way. */
const MAX_WAITING = 16;
/** Others that are asked. */
const OTHERS = 2;
/** Until others have a new block, too. */
const RETRY_MS = 2_000;
const MAX_TRIES = 3;

interface Arrival {
  readonly vote: Vote;
  readonly supplier: PeerId;
}

/**
 * Compares votes that arrive at the head with what two other peers give, in the background. On PoA chains of IBFT only: no
 * other has votes in the part of a header that the hash leaves out.
 */
@Injectable()
export class VoteWatch {
  #waiting: Arrival[] = [];
  #isRunning = false;
  /** The last height that was compared: a block that is taken again is not compared again. */
  #compared = -1;

  constructor(
    private readonly copies: VoteCopies,
    private readonly conduct: PeerConduct,
    private readonly disputes: VoteDisputes,
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SYNC_METRICS) private readonly metrics: SyncMetrics,
  ) {}

  /** Takes note of who gave new blocks, and of the votes among them; `onTurned` follows when one is to be fetched again. */
  stored(
    supplier: PeerId,
    from: number,
    blocks: readonly Uint8Array[],
    { signal, onTurned }: { signal: AbortSignal; onTurned: () => void },
  ): Promise<void> | undefined {
    this.copies.record(supplier, from, from + blocks.length - 1);
    const isAtHead = this.conduct.typicalClaim() - (from + blocks.length - 1) < AT_HEAD_BLOCKS;
    if (!isAtHead || this.chain.info().engine !== 'ibft') return undefined;
    for (const raw of blocks.slice(-AT_HEAD_BLOCKS)) {
      const vote = this.copies.read(raw);
      if (vote === undefined || vote.number <= this.#compared) continue;
      this.#waiting.push({ vote, supplier });
    }
    this.#waiting = this.#waiting.slice(-MAX_WAITING);
    if (this.#isRunning || this.#waiting.length === 0) return undefined;
    this.#isRunning = true;
    return this.#run(signal, onTurned).finally(() => {
      this.#isRunning = false;
    });
  }

  async #run(signal: AbortSignal, onTurned: () => void): Promise<void> {
    for (;;) {
      const arrival = this.#waiting.shift();
      if (arrival === undefined || signal.aborted) return;
      this.#compared = Math.max(this.#compared, arrival.vote.number);
      const witness = await this.#compare(arrival, signal);
      if (witness === undefined || signal.aborted) continue;
      await this.disputes.outvoted(arrival.vote.number, arrival.supplier, witness);
      onTurned();
    }
  }

  /** A peer whose vote is to be taken instead; undefined when ours stands. */
  async #compare({ vote, supplier }: Arrival, signal: AbortSignal): Promise<PeerId | undefined> {
    const others = await this.#others(vote.number, supplier, signal);
    const answers = await Promise.all(others.map((peerId) => this.#ask(peerId, vote, signal)));
    const differing = others.filter((_, i) => {
      const theirs = answers[i];
      return theirs !== undefined && !isSameVote(vote, theirs);
    });
    const isAnswered = answers.some((answer) => answer !== undefined);
    this.metrics.voteCompared(!isAnswered ? 'unanswered' : differing.length === 0 ? 'same' : 'differs');
    // One against one proves nothing. If ours was turned, a later block cannot be explained.
    return differing.length === OTHERS ? differing[0] : undefined;
  }

  async #others(height: number, supplier: PeerId, signal: AbortSignal): Promise<readonly PeerId[]> {
    let others: readonly PeerId[] = [];
    for (let tries = 1; ; tries++) {
      const usable = this.conduct.usable(height).map(({ peerId }) => peerId);
      others = usable.filter((peerId) => peerId !== supplier).slice(0, OTHERS);
      if (others.length === OTHERS || tries === MAX_TRIES) return others;
      try {
        await delay(this.clock, RETRY_MS, signal);
      } catch {
        return [];
      }
    }
  }

  async #ask(peerId: PeerId, vote: Vote, signal: AbortSignal): Promise<Vote | undefined> {
    try {
      return await this.copies.of(peerId, vote, signal);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return undefined;
    }
  }
}
