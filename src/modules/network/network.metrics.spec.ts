import { describe, expect, it } from '@jest/globals';
import type { MetricDefinition, MetricLabels, MetricsRegistry } from '../../common/metrics.port.js';
import { createNetworkMetrics } from './network.metrics.js';

/** Keeps what was reported, and refuses labels that were not declared. */
class Recorder implements MetricsRegistry {
  readonly reports: [string, number, MetricLabels][] = [];

  readonly counter = (definition: MetricDefinition) => ({
    inc: (by = 1, labels = {}) => this.#note(definition, by, labels),
  });
  readonly gauge = (definition: MetricDefinition) => ({ set: this.#note.bind(this, definition) });
  readonly histogram = (definition: MetricDefinition) => ({ observe: this.#note.bind(this, definition) });

  #note({ name, labels: declared = [] }: MetricDefinition, value: number, labels: MetricLabels = {}): void {
    expect(Object.keys(labels).sort()).toEqual([...declared].sort());
    this.reports.push([name.replace('edgekeeper_network_', ''), value, labels]);
  }
}

describe(createNetworkMetrics.name, () => {
  it('reports under fixed names, in base units', () => {
    const recorder = new Recorder();
    const metrics = createNetworkMetrics(recorder);
    metrics.peers(3);
    metrics.connections('inbound', 2, 1);
    metrics.sideSlots(2, 1);
    metrics.bans(5);
    metrics.scoreLowered('NETWORK.BAD_MESSAGE');
    metrics.peerLeft('NETWORK.EVICTED');
    metrics.dialFinished('timeout', 10_000);
    metrics.handshakeFinished('outbound', 'connected');
    metrics.candidates('junk', 4);
    metrics.dialCandidates(7);
    metrics.bucketFull();
    metrics.gossipReceived('t', 'reject', 9);
    metrics.gossipPublished('t', 5);
    metrics.gossipDropped('t', 'total-rate');
    metrics.peerCallAnswered('/v1.Identity/Hello', 0, 250);
    expect(recorder.reports).toEqual([
      ['peers', 3, {}],
      ['connections', 2, { direction: 'inbound' }],
      ['pending_connections', 1, { direction: 'inbound' }],
      ['reserved_slots', 2, {}],
      ['courtesy_slots', 1, {}],
      ['bans', 5, {}],
      ['score_faults_total', 1, { code: 'NETWORK.BAD_MESSAGE' }],
      ['peer_departures_total', 1, { cause: 'NETWORK.EVICTED' }],
      ['dial_duration_seconds', 10, { outcome: 'timeout' }],
      ['handshakes_total', 1, { direction: 'outbound', outcome: 'connected' }],
      ['discovered_addresses_total', 4, { outcome: 'junk' }],
      ['dial_candidates', 7, {}],
      ['full_buckets_total', 1, {}],
      ['gossip_messages_total', 1, { topic: 't', verdict: 'reject' }],
      ['gossip_bytes_total', 9, { topic: 't', verdict: 'reject' }],
      ['gossip_messages_total', 1, { topic: 't', verdict: 'published' }],
      ['gossip_bytes_total', 5, { topic: 't', verdict: 'published' }],
      ['gossip_dropped_total', 1, { topic: 't', reason: 'total-rate' }],
      ['peer_call_duration_seconds', 0.25, { path: '/v1.Identity/Hello', status: 'OK' }],
    ]);
  });
});
