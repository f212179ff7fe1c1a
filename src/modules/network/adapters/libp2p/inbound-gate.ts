import { Allowances } from '../../../../common/allowances.js';
import type { Clock } from '../../../../common/clock.js';
import { isLoopbackIp, siteOf } from '../../../../common/ip-address.js';
import type { NetworkLimits } from '../../network.config.js';
import type { Arrival } from './arrivals.js';

/** Where connections come from whose address is no IP. */
const NOWHERE = '';

export interface InboundGateOptions {
  readonly clock: Clock;
  readonly limits: Pick<NetworkLimits, 'loopback' | 'acceptsPerSecond' | 'acceptBurst' | 'pendingHandshakes'>;
  /** How many handshakes run now. */
  onPending(count: number): void;
  /** A connection was refused because its site opens too many, or one that hung gave way to a new one. */
  onRefused(resource: 'accepts' | 'handshakes'): void;
}

/**
 * Guards the door before the (costly) handshake. A site is an IPv4 address or an IPv6 /64.
 *
 * - A new connection is never refused because others hang in their handshake: of the site that has most of those, the
 *   oldest is closed instead. So one site with a thousand of them cannot push out another's only one.
 * - A site may only open so many connections in a time; loopback is exempt unless configured otherwise.
 */
export class InboundGate {
  /** In the order of arrival, each with its site. */
  readonly #pending = new Map<Arrival, string>();
  readonly #perSite = new Map<string, number>();
  readonly #accepts: Allowances;
  readonly #options: InboundGateOptions;

  constructor(options: InboundGateOptions) {
    const { clock, limits } = options;
    this.#accepts = new Allowances(clock, { burst: limits.acceptBurst, perSecond: limits.acceptsPerSecond });
    this.#options = options;
  }

  /** Handshakes running now. */
  get pending(): number {
    return this.#pending.size;
  }

  /** True when the connection may go on to its handshake; from then on it counts as pending, and is admitted if asked again. */
  admit(connection: Arrival): boolean {
    if (this.#pending.has(connection)) return true;
    const { limits, onRefused, onPending } = this.#options;
    const ip = ipOf(connection);
    const site = ip === undefined ? NOWHERE : siteOf(ip);
    const isExempt = ip === undefined || (limits.loopback === 'exempt' && isLoopbackIp(ip));
    if (!isExempt && !this.#accepts.take(site)) {
      onRefused('accepts');
      return false;
    }
    this.#add(connection, site);
    if (this.#pending.size > limits.pendingHandshakes) this.#evict();
    onPending(this.#pending.size);
    return true;
  }

  /** A pending connection goes on as another object, such as a socket that became a WebSocket. */
  replace(before: Arrival, after: Arrival): void {
    const site = this.#pending.get(before);
    if (site === undefined) return;
    this.#add(after, site);
    this.settled(before);
  }

  #add(connection: Arrival, site: string): void {
    this.#pending.set(connection, site);
    this.#perSite.set(site, (this.#perSite.get(site) ?? 0) + 1);
    connection.addEventListener('close', () => this.settled(connection), { once: true });
  }

  /** The handshake is done, or the connection closed. */
  settled(connection: Arrival): void {
    const site = this.#pending.get(connection);
    if (site === undefined) return;
    this.#pending.delete(connection);
    const left = (this.#perSite.get(site) ?? 0) - 1;
    if (left > 0) this.#perSite.set(site, left);
    else this.#perSite.delete(site);
    this.#options.onPending(this.#pending.size);
  }

  #evict(): void {
    const most = Math.max(...this.#perSite.values());
    for (const [connection, site] of this.#pending) {
      if (this.#perSite.get(site) !== most) continue;
      this.settled(connection);
      this.#options.onRefused('handshakes');
      connection.abort(new Error('handshake took too long while others wait'));
      return;
    }
  }
}

function ipOf(connection: Arrival): string | undefined {
  const [first] = connection.remoteAddr.getComponents();
  return first?.name === 'ip4' || first?.name === 'ip6' ? first.value : undefined;
}
