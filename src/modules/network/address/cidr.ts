import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { NetworkError } from '../network.errors.js';

/** A network: all addresses that begin like `address` for `prefix` bits. */
export interface Cidr {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
}

/** @returns undefined for what is neither an IP address (a network of one) nor a network, such as `10.0.0.0/8`. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (family === undefined || address.includes('%') || rest.length > 0) return undefined;
  const longest = family === 'ipv4' ? 32 : 128;
  if (bits === undefined) return { family, address, prefix: longest };
  const prefix = /^(0|[1-9]\d{0,2})$/.test(bits) ? Number(bits) : Number.NaN;
  return prefix <= longest ? { family, address, prefix } : undefined;
}

/** Networks, for the question whether an address lies in one of them. */
export class NetworkList {
  readonly #list = new BlockList();

  constructor(networks: readonly Cidr[]) {
    for (const { family, address, prefix } of networks) this.#list.addSubnet(address, prefix, family);
  }

  /** Whether the multiaddr's IP address lies in one of the networks; false for names, which are none yet. */
  has(transport: string): boolean {
    const [, family, host] = transport.split('/');
    if (host === undefined) return false;
    return (
      (family === 'ip4' && this.#list.check(host, 'ipv4')) ||
      (family === 'ip6' && this.#list.check(host, 'ipv6'))
    );
  }
}

/** @throws {NetworkError} NETWORK.SETUP_INVALID for a text that is no network */
export function parseNetworks(texts: readonly string[]): NetworkList {
  return new NetworkList(
    texts.map((text) => {
      const network = parseCidr(text);
      if (network !== undefined) return network;
      const reason = `${JSON.stringify(text)} is neither an IP address nor a CIDR`;
      throw new NetworkError({ code: 'NETWORK.SETUP_INVALID', reason });
    }),
  );
}
