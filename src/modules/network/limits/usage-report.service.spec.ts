import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { peerLimits } from '../../../../test/support/peer-limits.js';
import { SilentLogger } from '../../../common/logger.port.js';
import type { MetricDefinition, MetricLabels, MetricsRegistry } from '../../../common/metrics.port.js';
import { createNetworkMetrics } from '../network.metrics.js';
import type { PeerId } from '../ports/types.js';
import { UsageReport } from './usage-report.service.js';

const SYNC = '/syncer/0.2';
const ALICE = 'alice' as PeerId;

function make() {
  const clock = new ManualClock();
  const values = new Map<string, number>();
  const key = ({ name }: MetricDefinition, labels: MetricLabels = {}) =>
    [name.replace('edgekeeper_network_', ''), ...Object.values(labels)].join(' ');
  const registry: MetricsRegistry = {
    counter: (definition) => ({
      inc: (by = 1, labels) => {
        values.set(key(definition, labels), (values.get(key(definition, labels)) ?? 0) + by);
      },
    }),
    gauge: (definition) => ({ set: (value, labels) => void values.set(key(definition, labels), value) }),
    histogram: () => ({ observe: () => {} }),
  };
  const { ledger } = peerLimits(clock);
  const metrics = createNetworkMetrics(registry);
  const report = new UsageReport(ledger, metrics, clock, new SilentLogger());
  return { clock, ledger, metrics, report, values };
}

describe(UsageReport.name, () => {
  it('tells every five seconds what is held, and how many bytes passed since', async () => {
    const { clock, ledger, report, values } = make();
    report.start();
    report.start();
    const connection = ledger.meterConnection(ALICE);
    const held = ledger.reserve('memory', 500, { peerId: ALICE, protocol: SYNC });
    ledger.reserve('streams', 2, { peerId: ALICE, protocol: SYNC });
    connection.received(100);
    ledger.meterProtocol(SYNC).received(80);
    await clock.advanceAsync(5_000);
    expect(Object.fromEntries(values)).toMatchObject({
      [`memory_bytes ${SYNC}`]: 500,
      [`streams ${SYNC}`]: 2,
      [`calls ${SYNC}`]: 0,
      [`bytes_total ${SYNC} received`]: 80,
      'bytes_total other received': 20,
    });
    connection.received(50);
    held.release();
    // Counted by the stream before its connection saw it: the counter of the rest stays where it is.
    ledger.meterProtocol(SYNC).received(60);
    await clock.advanceAsync(5_000);
    expect(Object.fromEntries(values)).toMatchObject({
      [`memory_bytes ${SYNC}`]: 0,
      [`bytes_total ${SYNC} received`]: 140,
      'bytes_total other received': 20,
    });
    report.stop();
    await clock.advanceAsync(5_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('may be stopped before it started, for good', () => {
    const { clock, report } = make();
    report.stop();
    report.start();
    expect(clock.pendingTimers).toBe(0);
  });

  it('counts refusals and pending handshakes when they happen', () => {
    const { metrics, values } = make();
    metrics.limitRefused('streams', 'peer');
    metrics.limitRefused('streams', 'peer');
    metrics.pendingHandshakes(7);
    expect(Object.fromEntries(values)).toEqual({
      'limit_refusals_total streams peer': 2,
      pending_handshakes: 7,
    });
  });
});
