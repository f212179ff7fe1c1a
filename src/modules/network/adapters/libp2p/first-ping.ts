import type { Connection } from '@libp2p/interface';
import { type Clock, withDeadline } from '../../../../common/clock.js';

const TIMEOUT_MS = 10_000;

/**
 * Measures the round trip of a new connection, so that it is known before libp2p's own monitor, which measures each
 * connection every 30 seconds and keeps the result in the same place, comes by. A peer that does not answer is the
 * monitor's business.
 */
export async function firstPing(
  raw: Connection,
  clock: Clock,
  ping: (raw: Connection, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  if (raw.rtt !== undefined) return;
  const onTimeout = () => new Error('no answer to a ping');
  const rtt = await withDeadline(clock, { timeoutMs: TIMEOUT_MS, onTimeout }, (until) => ping(raw, until));
  raw.rtt ??= rtt;
}
