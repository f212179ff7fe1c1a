import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import type { PeerId } from '../network/index.js';
import type { HeightClaim } from './choose-peer.js';
import { HoldUp } from './hold-up.js';
import { InsertQueue } from './insert-queue.js';
import type { Lease, Range } from './lease.js';
import { PeerConduct } from './peer-conduct.js';
import { RangeBook } from './range-book.js';
import { RangeReader } from './range-reader.js';
import { Round } from './round.js';
import { SYNC_CONFIG, type SyncConfig } from './sync.config.js';
import { SyncError } from './sync.errors.js';
import { SYNC_METRICS, type SyncMetrics } from './sync.metrics.js';

/** A peer that is free takes over from one that holds us up if it was so many times faster. */
const TIMES_FASTER = 4;
/** Peers whose pace is remembered; more than any peer table holds. */
const MAX_PACES = 1_024;

export interface FetcherListener {
  onStarted(round: Round): void;
  /** Each block of the round is stored or dropped. */
  onEnded(round: Round): void;
  /** The peer is free again; `error` is what it did wrong. */
  onFree(peerId: PeerId, error: SyncError | undefined): void;
}

/** Leases what is missing to peers, and reads a stream from each, several at a time. */
@Injectable()
export class Fetcher {
  readonly #holdUp: HoldUp;
  readonly #streaming = new Map<PeerId, Round>();
  readonly #rounds = new Set<Round>();
  readonly #reads = new Set<Promise<void>>();
  /** Blocks per ms of waiting, in each peer's last round. */
  readonly #paces = new Map<PeerId, number>();
  #run: { readonly listener: FetcherListener; readonly signal: AbortSignal } | undefined;

  constructor(
    private readonly book: RangeBook,
    private readonly inserts: InsertQueue,
    private readonly reader: RangeReader,
    private readonly conduct: PeerConduct,
    @Inject(CLOCK) clock: Clock,
    @Inject(SYNC_CONFIG) private readonly config: SyncConfig,
    @Inject(SYNC_METRICS) private readonly metrics: SyncMetrics,
  ) {
    this.#holdUp = new HoldUp({
      clock,
      limitMs: config.holdUpMs,
      onHeldUp: (lease, waitedMs) => this.#heldUp(lease, waitedMs),
    });
  }

  /** Peers that are being read from, those first that began first. */
  get streaming(): readonly PeerId[] {
    return [...this.#streaming.keys()];
  }

  /** Whether something is being fetched or waits to be stored. */
  get isBusy(): boolean {
    return this.#rounds.size > 0;
  }

  start(listener: FetcherListener, signal: AbortSignal): void {
    this.#run = { listener, signal };
  }

  /** Gives free ranges to free peers, the lowest to the best. */
  dispatch(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.inserts.align();
    for (const claim of this.conduct.usable(this.book.floor)) {
      if (run.signal.aborted || this.#streaming.size >= this.config.parallelPeers) break;
      if (this.#streaming.has(claim.peerId)) continue;
      const range = this.book.free(claim.peerId, claim.number);
      if (range !== undefined) this.#begin(run.listener, claim, range);
    }
    this.advance();
  }

  /** Hands on what has come; watches who owes the next block. */
  advance(): void {
    this.inserts.pump();
    const next = this.book.floorLease;
    const isOwed = next?.isOpen === true && next.blocks.length === 0 && this.inserts.isIdle;
    this.#holdUp.waitFor(isOwed ? next : undefined);
  }

  /** Drops all that a peer gave and is not stored, and ends its stream; `error` is told of that round. */
  discard(peerId: PeerId, error?: SyncError, round?: Round): void {
    this.#cancel((other) => other.peerId === peerId, error, round);
  }

  /** Drops all that is not stored. */
  restart(error?: SyncError, round?: Round): void {
    this.#cancel(() => true, error, round);
  }

  /** Resolves when nothing is pending any more; the signal must have aborted. */
  async stop(): Promise<void> {
    this.restart();
    await Promise.all(this.#reads);
    // What was being inserted is done then, and what was not taken is back in the book.
    await this.inserts.alone(async () => this.restart());
    this.#holdUp.stop();
  }

  #cancel(isMeant: (round: Round) => boolean, error?: SyncError, culprit?: Round): void {
    for (const round of [...this.#rounds].filter(isMeant))
      round.cancel(
        round === culprit && error !== undefined ? error : new SyncError({ code: 'SYNC.CANCELLED' }),
      );
    this.book.drop(isMeant);
  }

  #begin(listener: FetcherListener, { peerId, number: claimed }: HeightClaim, range: Range): void {
    const strikes = this.conduct.strikes(peerId);
    const round = new Round({ peerId, from: range.from, claimed }, () => {
      this.#rounds.delete(round);
      this.metrics.roundEnded(round.error?.code ?? 'ok');
      const isWell = round.error === undefined && round.reached >= round.from;
      // Not after what it did in the meantime.
      if (isWell && this.conduct.strikes(peerId) === strikes) this.conduct.servedWell(peerId);
      listener.onEnded(round);
    });
    this.#rounds.add(round);
    this.#streaming.set(peerId, round);
    const lease = this.book.lease(round, range);
    listener.onStarted(round);
    const read = this.#read(listener, round, lease).finally(() => this.#reads.delete(read));
    this.#reads.add(read);
  }

  /** Never rejects but for bugs. */
  async #read(listener: FetcherListener, round: Round, lease: Lease): Promise<void> {
    const { peerId } = round;
    const error = await this.reader.read(round, lease, {
      claimed: () => this.conduct.claimOf(peerId),
      hasRival: () => this.conduct.usable(this.book.floor).some((claim) => claim.peerId !== peerId),
      onBlock: () => this.advance(),
    });
    this.#streaming.delete(peerId);
    if (round.pace !== undefined) this.#paces.set(peerId, round.pace);
    if (this.#paces.size > MAX_PACES) this.#paces.clear();
    const isFault = error !== undefined && error.code !== 'SYNC.CANCELLED';
    if (isFault) this.conduct.blame(peerId, error);
    listener.onFree(peerId, isFault ? error : undefined);
  }

  /** Others wait for what this peer owes, or would be much faster: they take over. */
  #heldUp({ round, from, start }: Lease, waitedMs: number): void {
    const { peerId } = round;
    const pace = (start - from) / waitedMs;
    const isFaster = (other: PeerId) => (this.#paces.get(other) ?? 0) > pace * TIMES_FASTER;
    const isFree = (other: PeerId) => !this.#streaming.has(other);
    const waiting = new Set(this.book.waiting);
    const hasRelief = this.conduct
      .usable(start)
      .some(
        (claim) =>
          claim.peerId !== peerId &&
          (waiting.has(claim.peerId) || (isFree(claim.peerId) && isFaster(claim.peerId))),
      );
    if (!hasRelief) return;
    round.cancel(new SyncError({ code: 'SYNC.TOO_SLOW', peerId, blocks: start - from, waitedMs }));
  }
}
