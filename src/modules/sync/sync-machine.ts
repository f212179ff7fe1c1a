import type { PeerId } from '../network/index.js';
import { SyncError } from './sync.errors.js';

/** One GetBlocks with one peer. */
export interface Round {
  readonly peerId: PeerId;
  /** First height asked for. */
  readonly from: number;
  readonly claimed: number;
  /** Highest height stored; `from - 1` at first. */
  readonly reached: number;
}

export type SyncState =
  | { readonly name: 'idle' | 'choosing' | 'stopped' }
  | { readonly name: 'fetching'; readonly round: Round }
  | { readonly name: 'inserting'; readonly round: Round; readonly blocks: number };

/**
 * Where the sync stands. Every transition refuses the states it does not begin in with SYNC.WRONG_STATE.
 *
 * ```
 * idle -> choosing -> fetching <-> inserting      any -> stopped
 *   ^        |            |            |
 *   +--------+------------+------------+
 * ```
 * While inserting, the next batch is already being fetched.
 */
export class SyncMachine {
  private current: SyncState = { name: 'idle' };

  get state(): SyncState {
    return this.current;
  }

  /** The round under way. */
  get round(): Round | undefined {
    return 'round' in this.current ? this.current.round : undefined;
  }

  /** "idle -> choosing": heights may have changed. */
  choose(): void {
    if (this.current.name !== 'idle') throw this.refused('idle -> choosing');
    this.current = { name: 'choosing' };
  }

  /** "choosing -> idle": nobody is ahead of us. */
  rest(): void {
    if (this.current.name !== 'choosing') throw this.refused('choosing -> idle');
    this.current = { name: 'idle' };
  }

  /** "choosing -> fetching": a peer was chosen. */
  fetch({ peerId, from, claimed }: Omit<Round, 'reached'>): Round {
    if (this.current.name !== 'choosing') throw this.refused('choosing -> fetching');
    const round = { peerId, from, claimed, reached: from - 1 };
    this.current = { name: 'fetching', round };
    return round;
  }

  /** "fetching -> inserting": blocks have arrived. */
  insert(blocks: number): void {
    if (this.current.name !== 'fetching') throw this.refused('fetching -> inserting');
    this.current = { name: 'inserting', round: this.current.round, blocks };
  }

  /**
   * "inserting -> fetching": the blocks are stored and the head is `head`.
   * @throws {SyncError} SYNC.OUT_OF_ORDER when the blocks did not bring the head as far as their number should
   */
  inserted(head: number): Round {
    if (this.current.name !== 'inserting') throw this.refused('inserting -> fetching');
    const { round, blocks } = this.current;
    const expected = round.reached + blocks;
    if (head < expected) {
      throw new SyncError({ code: 'SYNC.OUT_OF_ORDER', peerId: round.peerId, expected, reached: head });
    }
    const next = { ...round, reached: expected };
    this.current = { name: 'fetching', round: next };
    return next;
  }

  /** "fetching | inserting -> idle": the round is over, well or not. */
  finish(): Round {
    if (this.current.name !== 'fetching' && this.current.name !== 'inserting') {
      throw this.refused('fetching | inserting -> idle');
    }
    const { round } = this.current;
    this.current = { name: 'idle' };
    return round;
  }

  /** "any -> stopped", for good. */
  stop(): void {
    this.current = { name: 'stopped' };
  }

  private refused(transition: string): SyncError {
    return new SyncError({ code: 'SYNC.WRONG_STATE', transition, state: this.current.name });
  }
}
