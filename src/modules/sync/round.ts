import type { PeerId } from '../network/index.js';
import { SyncError } from './sync.errors.js';

/** Blocks from which a pace means something. */
const MIN_FOR_PACE = 32;

/** One GetBlocks with one peer, as far as it has come. */
export interface RoundFacts {
  readonly peerId: PeerId;
  /** First height asked for. */
  readonly from: number;
  /** What the peer claimed at the beginning. */
  readonly claimed: number;
  /** Highest height of it that is stored; `from - 1` at first. */
  readonly reached: number;
}

export type RoundState = 'streaming' | 'draining' | 'ended';

/**
 * The life of one GetBlocks, up to the moment when each block that it brought is stored or dropped. Transitions refuse the
 * states that they do not begin in with SYNC.WRONG_STATE.
 *
 * ```
 * streaming -> draining -> ended
 * ```
 */
export class Round implements RoundFacts {
  readonly peerId: PeerId;
  readonly from: number;
  readonly claimed: number;
  readonly #onEnded: (round: Round) => void;
  readonly #controller = new AbortController();
  #state: RoundState = 'streaming';
  #reached: number;
  #given = 0;
  #pending = 0;
  #waitedMs = 0;
  #error: SyncError | undefined;

  constructor(
    { peerId, from, claimed }: Omit<RoundFacts, 'reached'>,
    onEnded: (round: Round) => void = () => {},
  ) {
    this.peerId = peerId;
    this.from = from;
    this.claimed = claimed;
    this.#reached = from - 1;
    this.#onEnded = onEnded;
  }

  get state(): RoundState {
    return this.#state;
  }

  get reached(): number {
    return this.#reached;
  }

  /** Aborts when no more is wanted of the stream. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it did not bring what was wanted. */
  get error(): SyncError | undefined {
    return this.#error;
  }

  /** Blocks per ms of waiting; undefined while there are too few to tell. */
  get pace(): number | undefined {
    return this.#given < MIN_FOR_PACE ? undefined : this.#given / Math.max(1, this.#waitedMs);
  }

  /** "streaming": a block was waited for. */
  waited(ms: number): void {
    this.#waitedMs += ms;
  }

  /** "streaming": a block came. */
  took(): void {
    if (this.#state !== 'streaming') throw this.#refused('take');
    this.#given += 1;
    this.#pending += 1;
  }

  /** "streaming | draining": so many of its blocks are stored, the last of them at `reached`. */
  stored(blocks: number, reached: number): void {
    this.#reached = Math.max(this.#reached, reached);
    this.#settle(blocks);
  }

  /** "streaming | draining": so many of its blocks are not wanted any more. */
  dropped(blocks: number): void {
    this.#settle(blocks);
  }

  /** Nothing more is wanted of it, for `error` if there is one; the first counts. The stream ends by itself. */
  cancel(error?: SyncError): void {
    this.#error ??= error;
    this.#controller.abort(error);
  }

  /** "streaming -> draining": the stream is over. */
  closed(error?: SyncError): void {
    if (this.#state !== 'streaming') throw this.#refused('streaming -> draining');
    this.#error ??= error;
    this.#state = 'draining';
    this.#endIfDone();
  }

  #settle(blocks: number): void {
    if (this.#state === 'ended' || blocks > this.#pending) throw this.#refused('settle');
    this.#pending -= blocks;
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#state !== 'draining' || this.#pending > 0) return;
    this.#state = 'ended';
    this.#onEnded(this);
  }

  #refused(transition: string): SyncError {
    return new SyncError({ code: 'SYNC.WRONG_STATE', transition, state: this.#state });
  }
}
