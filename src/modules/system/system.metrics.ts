import { grpcStatusName } from '../../common/grpc-status.js';
import type { MetricsRegistry } from '../../common/metrics.port.js';

export const SYSTEM_METRICS = Symbol('SYSTEM_METRICS');

/** What the operator service reports. */
export interface SystemMetrics {
  /** @param method One of our own, such as `System/GetStatus`. */
  callFinished(method: string, status: number, durationMs: number): void;
}

export function createSystemMetrics(registry: MetricsRegistry): SystemMetrics {
  const calls = registry.histogram({
    name: 'edgekeeper_system_call_seconds',
    help: 'Calls of the operator API, by method and gRPC status; a stream counts when it ends.',
    labels: ['method', 'status'],
    // From an answer out of memory to a call at its deadline; streams fall into the last.
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 1, 10],
  });
  return {
    callFinished: (method, status, durationMs) =>
      calls.observe(durationMs / 1_000, { method, status: grpcStatusName(status) }),
  };
}
