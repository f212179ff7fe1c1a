import type { MultiaddrConnection } from '@libp2p/interface';
import type { Clock } from '../../../../common/clock.js';
import { Allowances } from './allowances.js';

/** Handshakes of inbound connections that may run at a time. */
const MAX_PENDING = 64;
/** Connections that one IPv4 address or IPv6 /64 may open at once, and how many it wins back per second. */
const RATE_PER_SITE = { burst: 20, perSecond: 5 };

/**
 * Guards the door before the (costly) handshake.
 *
 * - A new connection is never refused because others hang in their handshake: the oldest of those is closed instead.
 * - One site may only open so many connections in a time; loopback is exempt.
 */
export class InboundGate {
  readonly #pending = new Set<MultiaddrConnection>();
  readonly #allowances: Allowances;

  constructor(clock: Clock) {
    this.#allowances = new Allowances(clock, RATE_PER_SITE);
  }

  /** Handshakes running now. */
  get pending(): number {
    return this.#pending.size;
  }

  /** True when the connection may go on to its handshake; from then on it counts as pending. */
  admit(connection: MultiaddrConnection): boolean {
    const ip = ipOf(connection);
    if (ip !== undefined && !isLoopback(ip) && !this.#allowances.take(siteOf(ip))) return false;
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
