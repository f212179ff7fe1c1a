import { expect, it } from '@jest/globals';
import type { MetricDefinition, MetricLabels, MetricsRegistry } from '../../common/metrics.port.js';
import { createBlockchainMetrics } from './blockchain.metrics.js';

it('reports heights, blocks and seconds', () => {
  const reported: unknown[][] = [];
  const report = ({ name }: MetricDefinition) => ({
    inc: (by = 1, labels?: MetricLabels) => reported.push([name, by, labels]),
    set: (value: number) => reported.push([name, value]),
    observe: (value: number, labels?: MetricLabels) => reported.push([name, value, labels]),
  });
  const registry = { counter: report, gauge: report, histogram: report } as unknown as MetricsRegistry;
  const metrics = createBlockchainMetrics(registry);
  metrics.headMoved(7);
  metrics.blocksInserted('sync', 128, 250);
  metrics.blockRefused('restore', 'BLOCKCHAIN.BAD_SEAL');
  expect(reported).toEqual([
    ['edgekeeper_blockchain_head_height', 7],
    ['edgekeeper_blockchain_inserted_blocks_total', 128, { source: 'sync' }],
    ['edgekeeper_blockchain_insert_seconds', 0.25, { source: 'sync' }],
    ['edgekeeper_blockchain_refused_blocks_total', 1, { source: 'restore', code: 'BLOCKCHAIN.BAD_SEAL' }],
  ]);
});
