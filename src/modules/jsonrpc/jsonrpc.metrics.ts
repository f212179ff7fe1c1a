import type { MetricsRegistry } from '../../common/metrics.port.js';

export const JSONRPC_METRICS = Symbol('JSONRPC_METRICS');

/** Why a connection or a request was turned away before any call. */
export type Refusal =
  | 'busy'
  | 'connections'
  | 'content-type'
  | 'host'
  | 'method'
  | 'origin'
  | 'path'
  | 'size'
  | 'slow-reader'
  | 'slow-subscriber'
  | 'websockets';

/** What JSON-RPC reports. */
export interface JsonRpcMetrics {
  /** @param method One of our own, or `other`. @param code 0, or the number of the error. */
  callFinished(method: string, code: number, durationMs: number): void;
  refused(reason: Refusal): void;
  websockets(count: number): void;
  subscriptions(count: number): void;
}

export function createJsonRpcMetrics(registry: MetricsRegistry): JsonRpcMetrics {
  const calls = registry.histogram({
    name: 'edgekeeper_jsonrpc_call_seconds',
    help: 'Calls of JSON-RPC, by method and number of the error (0: none); methods that are not served are `other`.',
    labels: ['method', 'code'],
    // From an answer out of memory to a large block with all its transactions.
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
  });
  const refused = registry.counter({
    name: 'edgekeeper_jsonrpc_refused_total',
    help: 'Requests and connections that JSON-RPC turned away before any call, by reason.',
    labels: ['reason'],
  });
  const websockets = registry.gauge({
    name: 'edgekeeper_jsonrpc_websockets',
    help: 'WebSocket connections that are open.',
  });
  const subscriptions = registry.gauge({
    name: 'edgekeeper_jsonrpc_subscriptions',
    help: 'Subscriptions to new heads.',
  });
  return {
    callFinished: (method, code, durationMs) =>
      calls.observe(durationMs / 1_000, { method, code: String(code) }),
    refused: (reason) => refused.inc(1, { reason }),
    websockets: (count) => websockets.set(count),
    subscriptions: (count) => subscriptions.set(count),
  };
}
