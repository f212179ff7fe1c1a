import { formatCidr, type IpNetwork, ipNetworkOf, parseIpNetwork, widen } from './ip-network.js';

/**
 * Which of the banned networks an address is in. An address is looked up once for each prefix length in use, so that ten
 * thousand bans cost no more than their few lengths.
 */
export class NetworkBans {
  /** For each family and prefix length: how many networks have it. */
  readonly #lengths: Record<IpNetwork['family'], Map<number, number>> = { 4: new Map(), 6: new Map() };

  /** @param cidr in canonical form, and not there yet */
  add(cidr: string): void {
    this.#count(cidr, 1);
  }

  /** @param cidr one that was added */
  remove(cidr: string): void {
    this.#count(cidr, -1);
  }

  /** CIDRs around the address of a multiaddr that may be banned. */
  around(transport: string): string[] {
    if (this.#lengths[4].size + this.#lengths[6].size === 0) return [];
    const address = ipNetworkOf(transport);
    if (address === undefined) return [];
    const lengths = [...this.#lengths[address.family].keys()];
    return lengths.map((prefix) => formatCidr(widen(address, prefix)));
  }

  #count(cidr: string, by: 1 | -1): void {
    const network = parseIpNetwork(cidr);
    if (network === undefined) return;
    const lengths = this.#lengths[network.family];
    const count = (lengths.get(network.prefix) ?? 0) + by;
    if (count === 0) lengths.delete(network.prefix);
    else lengths.set(network.prefix, count);
  }
}
