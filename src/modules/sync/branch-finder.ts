import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, withDeadline } from '../../common/clock.js';
import { BlockchainError, CHAIN, CHAIN_WRITER, type Chain, type ChainWriter } from '../blockchain/index.js';
import type { PeerId } from '../network/index.js';
import { InsertQueue } from './insert-queue.js';
import { roundErrorOf } from './round-error.js';
import { SYNC_CONFIG, type SyncConfig } from './sync.config.js';
import { SyncError } from './sync.errors.js';
import { SyncPeerClient } from './sync-peer.client.js';

/** How far below our head a branch may begin. */
const MAX_DEPTH = 1_000;
/** Blocks above our head that are fetched with a branch, so that it may be the heavier one. */
const AHEAD_BLOCKS = 16;
/** The whole search, in times of `blockTimeoutMs`. */
const MAX_TIMEOUTS = 6;
/** Peers whose search is remembered; more than any peer table holds. */
const MAX_PEERS = 1_024;

interface Search {
  readonly peerId: PeerId;
  readonly head: number;
  readonly claimed: number;
  readonly signal: AbortSignal;
}

/**
 * Finds where a peer's chain leaves ours, when its next block does not continue our head, and hands its branch to the
 * chain, which judges it.
 */
@Injectable()
export class BranchFinder {
  /** The head at which a peer's branch was looked for. */
  readonly #searched = new Map<PeerId, number>();

  constructor(
    private readonly client: SyncPeerClient,
    private readonly inserts: InsertQueue,
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(CHAIN_WRITER) private readonly writer: ChainWriter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SYNC_CONFIG) private readonly config: SyncConfig,
  ) {}

  /** Whether the peer has not been searched at this head. Counts it as searched. */
  begin(peerId: PeerId, head: number): boolean {
    if (this.#searched.get(peerId) === head) return false;
    this.#searched.delete(peerId);
    this.#searched.set(peerId, head);
    const [oldest] = this.#searched.keys();
    if (this.#searched.size > MAX_PEERS && oldest !== undefined) this.#searched.delete(oldest);
    return true;
  }

  /**
   * Asks from 1, 2, 4, … heights below the head until the blocks connect. Never rejects.
   * @param onMoved Called, while nothing is being inserted, when the chain took blocks.
   * @returns What is held against the peer; undefined when the chain took its branch.
   */
  async follow(search: Search, onMoved: () => void): Promise<SyncError | undefined> {
    const { peerId, head, claimed, signal } = search;
    const timeoutMs = this.config.blockTimeoutMs * MAX_TIMEOUTS;
    const onTimeout = () => new SyncError({ code: 'SYNC.STALLED', peerId, timeoutMs });
    try {
      return await withDeadline(this.clock, { timeoutMs, signal, onTimeout }, async (ending) => {
        const to = Math.min(claimed, head + AHEAD_BLOCKS);
        for (let depth = 1; ; depth = Math.min(depth * 2, MAX_DEPTH)) {
          const from = Math.max(0, head + 1 - depth);
          const blocks = await this.#fetch(search, { from, to }, ending);
          const isLast = depth === MAX_DEPTH || from === 0;
          const outcome = await this.inserts.alone(() => this.#insert(blocks, ending, onMoved));
          if (outcome === 'taken') return undefined;
          // Its blocks are ours, or weigh less than ours.
          if (outcome === 'known') return notServed(search, from + blocks.length - 1);
          if (isLast) throw outcome;
        }
      });
    } catch (error) {
      if (signal.aborted) return new SyncError({ code: 'SYNC.CANCELLED' }, error);
      return roundErrorOf(error, { peerId, height: head + 1 });
    }
  }

  async #fetch(
    { peerId }: Search,
    { from, to }: { from: number; to: number },
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]> {
    const blocks: Uint8Array[] = [];
    let bytes = 0;
    for await (const block of this.client.getBlocks(peerId, from, signal)) {
      blocks.push(block);
      bytes += block.length;
      if (blocks.length > to - from || bytes >= this.config.bufferBytes) break;
    }
    return blocks;
  }

  /** The error when the blocks do not connect, so that more of them may. */
  async #insert(
    blocks: readonly Uint8Array[],
    signal: AbortSignal,
    onMoved: () => void,
  ): Promise<'taken' | 'known' | BlockchainError> {
    signal.throwIfAborted();
    if (blocks.length === 0) return 'known';
    const before = this.chain.head();
    try {
      const { inserted } = await this.writer.insert(blocks, { source: 'sync', signal });
      return inserted.length > 0 ? 'taken' : 'known';
    } catch (error) {
      if (error instanceof BlockchainError && error.code === 'BLOCKCHAIN.UNKNOWN_PARENT') return error;
      throw error;
    } finally {
      // What stood before a bad block is stored.
      if (this.chain.head() !== before) onMoved();
    }
  }
}

function notServed({ peerId, claimed }: Search, reached: number): SyncError {
  return new SyncError({ code: 'SYNC.HEIGHT_NOT_SERVED', peerId, claimed, reached });
}
