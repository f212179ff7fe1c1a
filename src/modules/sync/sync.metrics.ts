import type { MetricsRegistry } from '../../common/metrics.port.js';
import type { TopicVerdict } from '../network/index.js';
import type { SyncErrorDetail } from './sync.errors.js';

export const SYNC_METRICS = Symbol('SYNC_METRICS');

/** What sync reports. Labels are our own words, never what a peer sent. */
export interface SyncMetrics {
  batchStored(blocks: number, bytes: number, durationMs: number): void;
  roundEnded(outcome: 'ok' | SyncErrorDetail['code']): void;
  rangeLeased(): void;
  /** A peer did not bring all of a range: `yielded` to what comes before it, or the code of the error. */
  rangeUnfinished(reason: 'yielded' | SyncErrorDetail['code']): void;
  /** What waits to be stored. */
  buffered(blocks: number, bytes: number): void;
  voteCompared(outcome: 'same' | 'differs' | 'unanswered'): void;
  blocksServed(blocks: number, bytes: number): void;
  blockBytesInFlight(bytes: number): void;
  /** A GetBlocks was ended for another's sake, or waited too long. */
  blockStreamRefused(reason: 'displaced' | 'slowest' | 'waited'): void;
  statusReceived(verdict: TopicVerdict): void;
}

export function createSyncMetrics(registry: MetricsRegistry): SyncMetrics {
  const stored = registry.counter({
    name: 'edgekeeper_sync_stored_blocks_total',
    help: 'Blocks from peers that were verified and stored.',
  });
  const storedBytes = registry.counter({
    name: 'edgekeeper_sync_stored_bytes_total',
    help: 'Bytes of blocks from peers that were verified and stored.',
  });
  const insertSeconds = registry.histogram({
    name: 'edgekeeper_sync_insert_seconds',
    help: 'Time to verify and store a batch of blocks.',
    // From one empty block on a fast disk to a full batch with transactions on a slow one.
    buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  });
  const rounds = registry.counter({
    name: 'edgekeeper_sync_rounds_total',
    help: 'Block streams from peers (GetBlocks), by outcome: ok, or the code of the error.',
    labels: ['outcome'],
  });
  const leased = registry.counter({
    name: 'edgekeeper_sync_ranges_leased_total',
    help: 'Ranges of heights that peers were asked for.',
  });
  const unfinished = registry.counter({
    name: 'edgekeeper_sync_ranges_unfinished_total',
    help: 'Ranges that a peer did not bring to their end, by reason: yielded to what comes before, or the code of the error.',
    labels: ['reason'],
  });
  const bufferedBlocks = registry.gauge({
    name: 'edgekeeper_sync_buffered_blocks',
    help: 'Blocks from peers that wait to be stored.',
  });
  const bufferedBytes = registry.gauge({
    name: 'edgekeeper_sync_buffered_bytes',
    help: 'Bytes of blocks from peers that wait to be stored.',
  });
  const votes = registry.counter({
    name: 'edgekeeper_sync_votes_compared_total',
    help: 'Vote blocks at the head compared with what other peers give: same, differs, or unanswered.',
    labels: ['outcome'],
  });
  const served = registry.counter({
    name: 'edgekeeper_sync_served_blocks_total',
    help: 'Blocks read to be sent to peers.',
  });
  const servedBytes = registry.counter({
    name: 'edgekeeper_sync_served_bytes_total',
    help: 'Bytes of blocks read to be sent to peers.',
  });
  const inFlight = registry.gauge({
    name: 'edgekeeper_sync_blocks_in_flight_bytes',
    help: 'Bytes of blocks that were read and are not yet handed over to peers.',
  });
  const refusals = registry.counter({
    name: 'edgekeeper_sync_block_streams_refused_total',
    help: 'Block streams ended early: displaced by a newer one of the same peer, slowest while others waited, or waited too long.',
    labels: ['reason'],
  });
  const statuses = registry.counter({
    name: 'edgekeeper_sync_status_messages_total',
    help: 'Gossiped status messages by verdict.',
    labels: ['verdict'],
  });
  return {
    batchStored(blocks, bytes, durationMs) {
      stored.inc(blocks);
      storedBytes.inc(bytes);
      insertSeconds.observe(durationMs / 1_000);
    },
    roundEnded: (outcome) => rounds.inc(1, { outcome }),
    rangeLeased: () => leased.inc(),
    rangeUnfinished: (reason) => unfinished.inc(1, { reason }),
    buffered(blocks, bytes) {
      bufferedBlocks.set(blocks);
      bufferedBytes.set(bytes);
    },
    voteCompared: (outcome) => votes.inc(1, { outcome }),
    blocksServed(blocks, bytes) {
      served.inc(blocks);
      servedBytes.inc(bytes);
    },
    blockBytesInFlight: (bytes) => inFlight.set(bytes),
    blockStreamRefused: (reason) => refusals.inc(1, { reason }),
    statusReceived: (verdict) => statuses.inc(1, { verdict }),
  };
}
