import type { MultiaddrConnection } from '@libp2p/interface';
import type { Clock } from '../../../../common/clock.js';

/** Handshakes of inbound connections that may run at a time. */
const MAX_PENDING = 64;
/** Connections that one IPv4 address or IPv6 /64 may open at once, and how many it wins back per second. */
const BURST_PER_IP = 20;
const REFILL_PER_SECOND = 5;
/** Addresses whose rate is remembered; the one seen longest ago goes first. */
const MAX_REMEMBERED_SITES = 4_096;

interface Allowance {
  tokens: number;
  atMs: number;
}

/**
 * Guards the door before the (costly) handshake.
 *
 * - A new connection is never refused because others hang in their handshake: the oldest of those is closed instead.
 * - One site may only open so many connections in a time; loopback is exempt.
 */
export class InboundGate {
  readonly #clock: Clock;
  readonly #pending = new Set<MultiaddrConnection>();
  readonly #allowances = new Map<string, Allowance>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Handshakes running now. */
  get pending(): number {
    return this.#pending.size;
  }

  /** True when the connection may go on to its handshake; from then on it counts as pending. */
  admit(connection: MultiaddrConnection): boolean {
    const ip = ipOf(connection);
    if (ip !== undefined && !isLoopback(ip) && !this.#takeToken(siteOf(ip))) return false;
    this.#pending.add(connection);
    connection.addEventListener('close', () => this.#pending.delete(connection), { once: true });
    const [oldest] = this.#pending;
    if (this.#pending.size > MAX_PENDING && oldest !== undefined) {
      this.#pending.delete(oldest);
      oldest.abort(new Error('handshake took too long while others wait'));
    }
    return true;
  }

  /** The handshake is done. */
  settled(connection: MultiaddrConnection): void {
    this.#pending.delete(connection);
  }

  #takeToken(site: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const last = this.#allowances.get(site) ?? { tokens: BURST_PER_IP, atMs: nowMs };
    const refilled = last.tokens + ((nowMs - last.atMs) / 1_000) * REFILL_PER_SECOND;
    const tokens = Math.min(BURST_PER_IP, refilled);
    const admitted = tokens >= 1;
    this.#allowances.delete(site);
    this.#allowances.set(site, { tokens: admitted ? tokens - 1 : tokens, atMs: nowMs });
    if (this.#allowances.size > MAX_REMEMBERED_SITES) {
      const [oldest] = this.#allowances.keys();
      if (oldest !== undefined) this.#allowances.delete(oldest);
    }
    return admitted;
  }
}

function ipOf(connection: MultiaddrConnection): string | undefined {
  const [first] = connection.remoteAddr.getComponents();
  return first?.name === 'ip4' || first?.name === 'ip6' ? first.value : undefined;
}

function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1';
}

/** Whoever holds one IPv6 address holds its /64: the first four groups, with zeros for what `::` stands for. */
function siteOf(ip: string): string {
  if (!ip.includes(':')) return ip;
  const [head = ''] = ip.split('::');
  return [...head.split(':'), '0', '0', '0', '0'].slice(0, 4).join(':');
}
