import type { MetricsRegistry } from '../../common/metrics.port.js';
import type { TransactionSource } from './ports/txpool.port.js';
import type { TxPoolErrorDetail } from './txpool.errors.js';
import type { DropReason } from './txpool.events.js';

export const TXPOOL_METRICS = Symbol('TXPOOL_METRICS');

/** What became of a message on the topic. `no-room` was good and relayed; `known` and `unchecked` were not looked into. */
export type GossipOutcome = 'accepted' | 'no-room' | 'known' | 'unchecked' | 'refused' | 'invalid';

/** What the pool reports. Labels are our own words, never what a peer sent. */
export interface TxPoolMetrics {
  holds(transactions: number, bytes: number): void;
  added(source: TransactionSource): void;
  refused(source: TransactionSource, code: TxPoolErrorDetail['code']): void;
  mined(): void;
  dropped(reason: DropReason): void;
  gossiped(outcome: GossipOutcome): void;
  publishFailed(): void;
  unpublished(transactions: number): void;
}

export function createTxPoolMetrics(registry: MetricsRegistry): TxPoolMetrics {
  const transactions = registry.gauge({
    name: 'edgekeeper_txpool_transactions',
    help: 'Transactions that are known and not mined.',
  });
  const bytes = registry.gauge({
    name: 'edgekeeper_txpool_bytes',
    help: 'Bytes of the transactions that are known and not mined.',
  });
  const added = registry.counter({
    name: 'edgekeeper_txpool_added_total',
    help: 'Transactions taken, by source: operator, rpc, gossip.',
    labels: ['source'],
  });
  const refused = registry.counter({
    name: 'edgekeeper_txpool_refused_total',
    help: 'Transactions not taken, by source and code of the error.',
    labels: ['source', 'code'],
  });
  const mined = registry.counter({
    name: 'edgekeeper_txpool_mined_total',
    help: 'Transactions of the pool that were mined.',
  });
  const dropped = registry.counter({
    name: 'edgekeeper_txpool_dropped_total',
    help: 'Transactions given up, by reason: nonce-used, replaced, timed-out, no-room.',
    labels: ['reason'],
  });
  const gossip = registry.counter({
    name: 'edgekeeper_txpool_gossip_messages_total',
    help: 'Messages on the topic of transactions, by outcome: accepted, no-room (relayed, not kept), known, unchecked for want of allowance or of a head, refused, invalid.',
    labels: ['outcome'],
  });
  const failed = registry.counter({
    name: 'edgekeeper_txpool_publish_failures_total',
    help: 'Attempts to hand a transaction of an operator or of JSON-RPC to the peers that reached none of them.',
  });
  const unpublished = registry.gauge({
    name: 'edgekeeper_txpool_unpublished_transactions',
    help: 'Transactions of operators and JSON-RPC that no peer was sent yet.',
  });
  return {
    holds: (count, size) => {
      transactions.set(count);
      bytes.set(size);
    },
    added: (source) => added.inc(1, { source }),
    refused: (source, code) => refused.inc(1, { source, code }),
    mined: () => mined.inc(),
    dropped: (reason) => dropped.inc(1, { reason }),
    gossiped: (outcome) => gossip.inc(1, { outcome }),
    publishFailed: () => failed.inc(),
    unpublished: (count) => unpublished.set(count),
  };
}
