import { isIPv4, isIPv6 } from 'node:net';

/** How many parts of an IPv6 address there are, 16 bits each. */
const IP6_PARTS = 8;

/**
 * The network that one party can be expected to hold whole: the /24 of an IPv4 multiaddr, the /56 of an IPv6 one.
 * An IPv4 address written as IPv6 (`::ffff:1.2.3.4`) is in its /24.
 *
 * @returns undefined for multiaddrs without an IP address.
 */
export function subnetOf(transport: string): string | undefined {
  const [, family, host = ''] = transport.split('/');
  if (family === 'ip4' && isIPv4(host)) return ip4Subnet(host);
  if (family === 'ip6' && isIPv6(host)) return ip6Subnet(host);
  return undefined;
}

function ip4Subnet(host: string): string {
  return `${host.slice(0, host.lastIndexOf('.'))}.0/24`;
}

function ip6Subnet(host: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = ip6Parts(host);
  const isMapped = [a, b, c, d, e].every((part) => part === 0) && f === 0xffff;
  if (isMapped) return ip4Subnet(`${g >> 8}.${g & 0xff}.${h >> 8}.0`);
  return `${[a, b, c, d & 0xff00].map((part) => part.toString(16)).join(':')}::/56`;
}

function ip6Parts(host: string): number[] {
  const [address] = host.split('%');
  // The URL parser writes an IPv4 end as two parts and fails on nothing that isIPv6 took.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split('::').map((side) => side.split(':').filter(Boolean));
  const zeros = new Array<string>(IP6_PARTS - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].map((part) => Number.parseInt(part, 16));
}
