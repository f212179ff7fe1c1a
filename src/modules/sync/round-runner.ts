import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import { CHAIN_WRITER, type ChainWriter } from '../blockchain/index.js';
import { BlockBuffer } from './block-buffer.js';
import { Pace } from './pace.js';
import { roundErrorOf } from './round-error.js';
import { SYNC_CONFIG, type SyncConfig } from './sync.config.js';
import { SyncError } from './sync.errors.js';
import { SYNC_METRICS, type SyncMetrics } from './sync.metrics.js';
import type { Round, SyncMachine } from './sync-machine.js';
import { SyncPeerClient } from './sync-peer.client.js';

export interface RoundOptions {
  readonly signal: AbortSignal;
  /** Whether another peer could take over. */
  readonly hasRival: () => boolean;
  /** Called after each batch that is durable. */
  readonly onStored: () => void;
}

interface StoreOptions extends Omit<RoundOptions, 'onStored'> {
  readonly onStored: (round: Round) => void;
}

/** Carries out one round: fetches from one peer and stores, a batch being stored while the next one arrives. */
@Injectable()
export class RoundRunner {
  constructor(
    private readonly client: SyncPeerClient,
    @Inject(CHAIN_WRITER) private readonly writer: ChainWriter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SYNC_CONFIG) private readonly config: SyncConfig,
    @Inject(SYNC_METRICS) private readonly metrics: SyncMetrics,
  ) {}

  /**
   * Begins in `fetching` of the machine, ends in `fetching` or `inserting`. Resolves when nothing is pending any more,
   * with undefined when the peer served what it had claimed; never rejects.
   */
  async run(
    machine: SyncMachine,
    round: Round,
    { signal, hasRival, onStored }: RoundOptions,
  ): Promise<SyncError | undefined> {
    const { batchBlocks, batchBytes } = this.config;
    const controller = new AbortController();
    const buffer = new BlockBuffer({ maxBlocks: batchBlocks, maxBytes: batchBytes });
    const stop = () => {
      controller.abort(signal.reason);
      buffer.finish('ok');
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const reading = this.read(round, buffer, controller.signal);
    let last = round;
    let error: SyncError | undefined;
    try {
      await this.store(machine, buffer, {
        signal,
        hasRival,
        onStored: (stored) => {
          last = stored;
          onStored();
        },
      });
      error = unserved(last);
    } catch (cause) {
      error = roundErrorOf(cause, last, this.config.blockTimeoutMs);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await reading;
    }
    if (signal.aborted) error = new SyncError({ code: 'SYNC.CANCELLED' }, error);
    this.metrics.roundEnded(error?.code ?? 'ok');
    return error;
  }

  /** Never rejects: a failure ends the buffer. */
  private async read({ peerId, from }: Round, buffer: BlockBuffer, signal: AbortSignal): Promise<void> {
    try {
      for await (const block of this.client.getBlocks(peerId, from, signal)) {
        if (!(await buffer.put(block))) return;
      }
      buffer.finish('ok');
    } catch (error) {
      buffer.finish({ error });
    }
  }

  private async store(
    machine: SyncMachine,
    buffer: BlockBuffer,
    { signal, hasRival, onStored }: StoreOptions,
  ): Promise<void> {
    const pace = new Pace(this.config);
    for (;;) {
      const waitingSinceMs = this.clock.monotonicMs();
      const batch = await buffer.take();
      if (batch === undefined || signal.aborted) return;
      const arrivedAtMs = this.clock.monotonicMs();
      machine.insert(batch.length);
      const { head } = await this.writer.insert(batch, { source: 'sync', signal });
      const round = machine.inserted(head.number);
      const bytes = batch.reduce((sum, block) => sum + block.length, 0);
      this.metrics.batchStored(batch.length, bytes, this.clock.monotonicMs() - arrivedAtMs);
      onStored(round);
      // The end of the stream is not waited for: a peer could hold it back while others have new blocks.
      if (round.reached >= round.claimed && buffer.isEmpty) return;
      const slow = pace.measure(batch, arrivedAtMs - waitingSinceMs);
      if (slow && hasRival()) throw new SyncError({ code: 'SYNC.TOO_SLOW', peerId: round.peerId, ...slow });
    }
  }
}

function unserved({ peerId, claimed, reached }: Round): SyncError | undefined {
  if (reached >= claimed) return undefined;
  return new SyncError({ code: 'SYNC.HEIGHT_NOT_SERVED', peerId, claimed, reached });
}
