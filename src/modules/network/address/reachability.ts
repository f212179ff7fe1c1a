import { BlockList } from 'node:net';
import type { PeerAddress, PeerId } from '../ports/types.js';

/** Addresses that mean something else on every machine or network (RFC 1918, 4193, 6598, 3927, 6890). */
const local = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  local.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  local.addSubnet(network, prefix, 'ipv6');
}

/** Whether the multiaddr starts with 127.0.0.0/8 or ::1. */
export function isLoopback(transport: string): boolean {
  return /^\/ip4\/127\./.test(transport) || /^\/ip6\/::1(\/|$)/.test(transport);
}

/** Whether the multiaddr's host can be meant for anyone: a DNS name, or an IP address outside the local ranges. */
export function isPublic(transport: string): boolean {
  const [, family, host] = transport.split('/');
  if (family === undefined || host === undefined) return false;
  if (family === 'ip4') return !local.check(host, 'ipv4');
  if (family === 'ip6') return !local.check(host, 'ipv6');
  return host !== 'localhost';
}

/** Whether a dial of the multiaddr makes sense here: TCP with a port, the only transport there is, a name that tells such, or a host in memory. */
export function isDialable(transport: string): boolean {
  return /^\/(((ip[46]|dns[46]?)\/[^/]+\/tcp\/[1-9]\d*)|dnsaddr\/[^/]+|memory\/\d+)$/.test(transport);
}

/**
 * The one address to show of several: the first, or, when that is loopback, the first that is not.
 *
 * @returns undefined when there is none.
 * @see polygon-edge@597a0f3 network/common/common.go AddrInfoToString
 */
export function chooseAddress(peerId: PeerId, transports: readonly string[]): PeerAddress | undefined {
  const known = transports.filter((transport) => transport !== '');
  const [first] = known;
  if (first === undefined) return undefined;
  const transport = isLoopback(first) ? (known.find((other) => !isLoopback(other)) ?? first) : first;
  return { peerId, transport };
}
