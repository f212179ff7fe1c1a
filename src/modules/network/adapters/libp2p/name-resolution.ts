import { lookup, resolveTxt } from 'node:dns/promises';
import { parsePeerAddress } from '../../address/peer-address.js';
import { isDialable } from '../../address/reachability.js';
import type { PeerAddress } from '../../ports/types.js';

/** Places that one address may lead to; what a name tells beyond them is not looked at. */
const MAX_PLACES = 16;
/** Questions that one dial may put to DNS. */
const MAX_QUESTIONS = 16;
/** How often a `/dnsaddr` may lead to another. */
const MAX_DNSADDR_DEPTH = 3;
const DNSADDR_PREFIX = 'dnsaddr=';

/** What DNS says now. Both reject when the name does not exist. */
export interface NameLookup {
  /** IP addresses of a name; `family` 0 = either. */
  addresses(name: string, family: 0 | 4 | 6): Promise<readonly string[]>;
  texts(name: string): Promise<readonly string[]>;
}

/** The machine's own resolver: hosts file, search domains and all. Nothing is kept. */
export const SYSTEM_LOOKUP: NameLookup = {
  addresses: async (name, family) =>
    (await lookup(name, { all: true, family })).map(({ address }) => address),
  texts: async (name) => (await resolveTxt(name)).map((parts) => parts.join('')),
};

/**
 * Where an address leads at this moment: itself when it holds an IP address, else what DNS says of its name, in DNS's
 * order, each place once. `/dnsaddr` names are followed to entries for this very peer. Never remembered, so that a
 * name that moved is found at its new place.
 *
 * @returns multiaddrs of an IP address and a TCP port, at most 16
 * @throws {Error} the last failure, when there is no place at all
 * @see go-libp2p@v0.32.0 p2p/net/swarm/swarm_dial.go resolveAddrs
 */
export async function placesOf(
  address: PeerAddress,
  names: NameLookup,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const resolution = new Resolution(address, names, signal);
  await resolution.follow(address.transport, 0);
  return resolution.places();
}

class Resolution {
  readonly #places = new Set<string>();
  #questions = 0;
  #failure: unknown;

  constructor(
    private readonly address: PeerAddress,
    private readonly names: NameLookup,
    private readonly signal: AbortSignal,
  ) {}

  places(): readonly string[] {
    if (this.#places.size === 0) throw this.#failure ?? new Error('the name leads to no address');
    return [...this.#places];
  }

  async follow(transport: string, depth: number): Promise<void> {
    const [, protocol = '', host = '', ...rest] = transport.split('/');
    if (protocol === 'dnsaddr') return this.#followEntries(host, depth);
    if (!protocol.startsWith('dns')) return this.#found(transport);
    const found = await this.#ask(() => this.names.addresses(host, familyOf(protocol)));
    // A certificate is for the name.
    const end = rest.join('/').replace(/\/(wss|tls\/ws)$/, `/tls/sni/${host}/ws`);
    for (const ip of found) this.#found(`/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}/${end}`);
  }

  async #followEntries(name: string, depth: number): Promise<void> {
    if (depth >= MAX_DNSADDR_DEPTH) return;
    for (const text of (await this.#ask(() => this.names.texts(`_dnsaddr.${name}`))).slice(0, MAX_PLACES)) {
      const transport = this.#entryFor(text);
      if (transport !== undefined) await this.follow(transport, depth + 1);
    }
  }

  /** The transport of a TXT record that names our peer; undefined for all others. */
  #entryFor(text: string): string | undefined {
    if (!text.startsWith(DNSADDR_PREFIX)) return undefined;
    try {
      const { peerId, transport } = parsePeerAddress(text.slice(DNSADDR_PREFIX.length));
      return peerId === this.address.peerId && isDialable(transport) ? transport : undefined;
    } catch {
      // Anyone may write anything into a TXT record.
      return undefined;
    }
  }

  async #ask(question: () => Promise<readonly string[]>): Promise<readonly string[]> {
    this.signal.throwIfAborted();
    if (this.#questions >= MAX_QUESTIONS || this.#places.size >= MAX_PLACES) return [];
    this.#questions += 1;
    try {
      return await question();
    } catch (error) {
      this.#failure = error;
      return [];
    }
  }

  #found(transport: string): void {
    if (this.#places.size < MAX_PLACES) this.#places.add(transport);
  }
}

function familyOf(protocol: string): 0 | 4 | 6 {
  if (protocol === 'dns4') return 4;
  return protocol === 'dns6' ? 6 : 0;
}
