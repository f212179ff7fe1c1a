import type { MetricsRegistry } from '../../common/metrics.port.js';
import type { Rule } from './ports/rules.js';
import type { BlockSource } from './ports/types.js';

export const BLOCKCHAIN_METRICS = Symbol('BLOCKCHAIN_METRICS');

/** What the blockchain module reports. */
export interface BlockchainMetrics {
  headMoved(height: number): void;
  blocksInserted(source: BlockSource, count: number, durationMs: number): void;
  /** `code` of the BlockchainError that refused a block. */
  blockRefused(source: BlockSource, code: string): void;
  /** Blocks of the chain were replaced. */
  reorganised(removed: number): void;
  /** `rule`: the one that only we check and that a block breaks. */
  anomalyFound(rule: Rule): void;
  /** Validators sealed two blocks of one height. */
  conflictFound(): void;
}

/** Seconds. From a single block in memory to a full batch on a slow disk. */
const INSERT_BUCKETS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createBlockchainMetrics(registry: MetricsRegistry): BlockchainMetrics {
  const head = registry.gauge({
    name: 'edgekeeper_blockchain_head_height',
    help: 'Number of the newest block.',
  });
  const inserted = registry.counter({
    name: 'edgekeeper_blockchain_inserted_blocks_total',
    help: 'Blocks verified and stored, by where they came from.',
    labels: ['source'],
  });
  const refused = registry.counter({
    name: 'edgekeeper_blockchain_refused_blocks_total',
    help: 'Blocks that were not stored, by where they came from and why.',
    labels: ['source', 'code'],
  });
  const duration = registry.histogram({
    name: 'edgekeeper_blockchain_insert_seconds',
    help: 'Time to verify and store one batch of blocks.',
    labels: ['source'],
    buckets: INSERT_BUCKETS,
  });
  const reorganisations = registry.counter({
    name: 'edgekeeper_blockchain_reorganisations_total',
    help: 'Times that blocks of the chain were replaced by a heavier branch.',
  });
  const replaced = registry.counter({
    name: 'edgekeeper_blockchain_replaced_blocks_total',
    help: 'Blocks of the chain that a heavier branch replaced.',
  });
  const anomalies = registry.counter({
    name: 'edgekeeper_blockchain_anomalies_total',
    help: 'Blocks taken that break a rule which only this node checks, by rule.',
    labels: ['rule'],
  });
  const conflicts = registry.counter({
    name: 'edgekeeper_blockchain_final_conflicts_total',
    help: 'Blocks sealed at a height at which another one is final.',
  });
  return {
    reorganised(removed) {
      reorganisations.inc();
      replaced.inc(removed);
    },
    anomalyFound: (rule) => anomalies.inc(1, { rule }),
    conflictFound: () => conflicts.inc(),
    headMoved: (height) => head.set(height),
    blocksInserted: (source, count, durationMs) => {
      inserted.inc(count, { source });
      duration.observe(durationMs / 1_000, { source });
    },
    blockRefused: (source, code) => refused.inc(1, { source, code }),
  };
}
