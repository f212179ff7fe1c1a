import type { MetricsRegistry } from '../../common/metrics.port.js';
import type { Identity } from './ports/access.port.js';

/** What the gate of the operator API reports. */
export interface AccessMetrics {
  admitted(identity: Identity): void;
  /** @param code Of an error. */
  refused(code: string): void;
  connections(count: number): void;
  /** A line of the audit log was left out. */
  lineSuppressed(): void;
}

export function createAccessMetrics(registry: MetricsRegistry): AccessMetrics {
  const calls = registry.counter({
    name: 'edgekeeper_access_calls_total',
    help: 'Calls of the operator API that were let through, by role and how the caller was told (loopback, certificate, token, anonymous).',
    labels: ['role', 'how'],
  });
  const refusals = registry.counter({
    name: 'edgekeeper_access_refusals_total',
    help: 'Calls and connections of the operator API that were refused, by code.',
    labels: ['code'],
  });
  const connections = registry.gauge({
    name: 'edgekeeper_access_connections',
    help: 'Open connections of the operator API that count against its limits.',
  });
  const suppressed = registry.counter({
    name: 'edgekeeper_access_suppressed_lines_total',
    help: 'Lines of the audit log left out because there were too many.',
  });
  return {
    admitted: ({ role, how }) => calls.inc(1, { role, how }),
    refused: (code) => refusals.inc(1, { code }),
    connections: (count) => connections.set(count),
    lineSuppressed: () => suppressed.inc(),
  };
}
