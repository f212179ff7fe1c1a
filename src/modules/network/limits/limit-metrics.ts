import type { MetricsRegistry } from '../../../common/metrics.port.js';
import type { HeldResource, LimitScope } from './resource-ledger.js';
import type { LedgerUsage } from './resource-usage.js';

/** `accepts` and `handshakes` concern addresses, whose limits count as a peer's and as the total; `rates` what comes too often. */
export type LimitedResource = HeldResource | 'accepts' | 'handshakes' | 'rates';

/** What limits report. Protocols are those that we speak, never what a peer made up. */
export interface LimitMetrics {
  limitRefused(resource: LimitedResource, scope: LimitScope): void;
  pendingHandshakes(count: number): void;
  /** Once in a while; counters grow by what came since. */
  resourcesUsed(usage: LedgerUsage): void;
}

export function createLimitMetrics(registry: MetricsRegistry): LimitMetrics {
  const refusals = registry.counter({
    name: 'edgekeeper_network_limit_refusals_total',
    help: 'What a limit refused or closed, by resource and by whose limit it was: peer, protocol (of a peer), total.',
    labels: ['resource', 'scope'],
  });
  const handshakes = registry.gauge({
    name: 'edgekeeper_network_pending_handshakes',
    help: 'Inbound connections whose handshake runs.',
  });
  const memory = registry.gauge({
    name: 'edgekeeper_network_memory_bytes',
    help: 'Bytes of peers that wait in buffers to be read, by protocol.',
    labels: ['protocol'],
  });
  const streams = registry.gauge({
    name: 'edgekeeper_network_streams',
    help: 'Streams that peers hold open, by protocol.',
    labels: ['protocol'],
  });
  const calls = registry.gauge({
    name: 'edgekeeper_network_calls',
    help: 'Calls of peers under way, by protocol.',
    labels: ['protocol'],
  });
  const bytes = registry.counter({
    name: 'edgekeeper_network_bytes_total',
    help: 'Bytes exchanged with peers, by protocol (other: what is no stream of ours) and direction.',
    labels: ['protocol', 'direction'],
  });
  const counted = new Map<string, number>();
  const count = (protocol: string, direction: 'received' | 'sent', total: number) => {
    const key = `${direction} ${protocol}`;
    const before = counted.get(key) ?? 0;
    // What is left over for `other` may shrink for a moment; a counter may not.
    if (total <= before) return;
    counted.set(key, total);
    bytes.inc(total - before, { protocol, direction });
  };
  return {
    limitRefused: (resource, scope) => refusals.inc(1, { resource, scope }),
    pendingHandshakes: (pending) => handshakes.set(pending),
    resourcesUsed({ protocols }) {
      for (const [protocol, usage] of protocols) {
        memory.set(usage.memory, { protocol });
        streams.set(usage.streams, { protocol });
        calls.set(usage.calls, { protocol });
        count(protocol, 'received', usage.receivedBytes);
        count(protocol, 'sent', usage.sentBytes);
      }
    },
  };
}
