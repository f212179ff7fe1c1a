import { isIPv4, isIPv6 } from 'node:net';

/** An IP network, or one address as a network of its own. IPv4 spelled as IPv6 (`::ffff:…`) is IPv4 here. */
export interface IpNetwork {
  readonly family: 4 | 6;
  /** The address as a number, bits of the host cleared. */
  readonly bits: bigint;
  readonly prefix: number;
}

const WIDTH = { 4: 32, 6: 128 } as const;
const MAPPED_PREFIX = 96;
const MAPPED = 0xffffn;

/** @param text An IP address, or a CIDR whose host bits may be set; undefined for anything else. */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const slash = text.indexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return simplest(address);
  const length = text.slice(slash + 1);
  const prefix = Number(length);
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || prefix > WIDTH[address.family]) return undefined;
  return simplest(widen(address, prefix));
}

/** The network of one address of a multiaddr; undefined when the multiaddr names its host otherwise. */
export function ipNetworkOf(transport: string): IpNetwork | undefined {
  const [, family, host = ''] = transport.split('/');
  return family === 'ip4' || family === 'ip6' ? parseIpNetwork(host) : undefined;
}

/** The network of `prefix` bits around another, which must not be the wider one. */
export function widen({ family, bits }: IpNetwork, prefix: number): IpNetwork {
  const hostBits = BigInt(WIDTH[family] - prefix);
  return { family, bits: (bits >> hostBits) << hostBits, prefix };
}

/** In CIDR form, an IPv6 address as RFC 5952 says; the same network always gives the same text. */
export function formatCidr({ family, bits, prefix }: IpNetwork): string {
  return `${family === 4 ? formatIp4(bits) : formatIp6(bits)}/${prefix}`;
}

function parseIp(text: string): IpNetwork | undefined {
  if (isIPv4(text)) return { family: 4, bits: joined(text.split('.').map(Number), 8n), prefix: WIDTH[4] };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  return { family: 6, bits: joined(ip6Groups(text), 16n), prefix: WIDTH[6] };
}

/** The URL parser turns an IPv4 tail into groups, and leaves nothing but the longest run of zeros out. */
function ip6Groups(text: string): number[] {
  const [head = '', tail = ''] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

function simplest(network: IpNetwork): IpNetwork {
  const { family, bits, prefix } = network;
  if (family === 4 || prefix < MAPPED_PREFIX || bits >> 32n !== MAPPED) return network;
  return { family: 4, bits: bits & 0xffff_ffffn, prefix: prefix - MAPPED_PREFIX };
}

function joined(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | BigInt(part), 0n);
}

function formatIp4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
}

function formatIp6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
