import { isIPv4, isIPv6 } from 'node:net';
import { NetworkError } from '../network.errors.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { decodePeerId, peerIdOf } from './peer-id.js';

/** Longest multiaddr looked at; a DNS name of full length fits. */
const MAX_ADDRESS_LENGTH = 512;
const MAX_DNS_NAME_LENGTH = 253;
const MAX_PORT = 65_535;

/** A protocol's value in canonical form, or why it is none. */
type ParsedValue = { readonly value: string } | { readonly reason: string };

/** The protocols we know, `memory` being that of the host in memory; those with null take no value. */
const PROTOCOLS: ReadonlyMap<string, ((text: string) => ParsedValue) | null> = new Map([
  ['ip4', parseIp4],
  ['ip6', parseIp6],
  ['dns', parseDnsName],
  ['dns4', parseDnsName],
  ['dns6', parseDnsName],
  ['dnsaddr', parseDnsName],
  ['tcp', parsePort],
  ['udp', parsePort],
  ['memory', parsePort],
  ['p2p', parseP2p],
  ['tls', null],
  ['ws', null],
  ['wss', null],
  ['quic-v1', null],
]);

/**
 * Splits a multiaddr that ends in `/p2p/<id>`. The transport part may be empty; such an address is neither dialed nor relayed.
 *
 * @throws {NetworkError} NETWORK.BAD_ADDRESS with the Go client's text.
 * @see go-multiaddr@v0.12.0 codec.go stringToBytes
 * @see go-libp2p@v0.32.0 core/peer/addrinfo.go AddrInfoFromP2pAddr
 * @remarks Differs: a negative port, an IPv4 address spelled as IPv6 (or the reverse), a name that is no DNS name and a second `/p2p` are refused.
 */
export function parsePeerAddress(text: string): PeerAddress {
  const refuse = (reason: string): NetworkError =>
    new NetworkError({ code: 'NETWORK.BAD_ADDRESS', address: text.slice(0, MAX_ADDRESS_LENGTH), reason });
  if (text.length > MAX_ADDRESS_LENGTH) {
    throw refuse(`failed to parse multiaddr: longer than ${MAX_ADDRESS_LENGTH} characters`);
  }
  const trimmed = text.replace(/\/+$/, '');
  const failed = (reason: string) =>
    refuse(`failed to parse multiaddr ${JSON.stringify(trimmed)}: ${reason}`);
  const [first, ...parts] = trimmed.split('/');
  if (first !== '') throw failed('must begin with /');
  if (parts.length === 0) throw failed('empty multiaddr');

  let transport = '';
  let peerId: string | undefined;
  let isLast = false;
  const left = parts.values();
  for (const name of left) {
    const parse = PROTOCOLS.get(name);
    if (parse === undefined) throw failed(`unknown protocol ${name}`);
    isLast = name === 'p2p' && peerId === undefined;
    if (parse === null) {
      transport += `/${name}`;
      continue;
    }
    const next = left.next();
    if (next.done) throw failed('unexpected end of multiaddr');
    const parsed = parse(next.value);
    if ('reason' in parsed) {
      throw failed(`invalid value ${JSON.stringify(next.value)} for protocol ${name}: ${parsed.reason}`);
    }
    if (name === 'p2p') peerId = parsed.value;
    else transport += `/${name}/${parsed.value}`;
  }
  if (peerId === undefined || !isLast) throw refuse('invalid p2p multiaddr');
  return { peerId: peerId as PeerId, transport };
}

/** The multiaddr with its `/p2p/<id>` end. */
export function formatPeerAddress({ transport, peerId }: PeerAddress): string {
  return `${transport}/p2p/${peerId}`;
}

function parseIp4(text: string): ParsedValue {
  return isIPv4(text) ? { value: text } : { reason: `failed to parse ip4 addr: ${text}` };
}

function parseIp6(text: string): ParsedValue {
  if (!isIPv6(text) || text.includes('%')) return { reason: `failed to parse ip6 addr: ${text}` };
  // The URL parser shortens an address the way of RFC 5952, which Go prints too.
  return { value: new URL(`http://[${text}]/`).hostname.slice(1, -1) };
}

function parseDnsName(text: string): ParsedValue {
  if (text.length <= MAX_DNS_NAME_LENGTH && /^[A-Za-z0-9._-]+$/.test(text)) return { value: text };
  return { reason: 'failed to parse dns name' };
}

function parsePort(text: string): ParsedValue {
  const fail = (reason: string) => ({ reason: `failed to parse port addr: ${reason}` });
  if (!/^\d+$/.test(text)) return fail(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (text.length > 18) return fail(`strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`);
  const port = Number(text);
  return port > MAX_PORT ? fail('greater than 65536') : { value: String(port) };
}

function parseP2p(text: string): ParsedValue {
  const decoded = decodePeerId(text);
  if ('bytes' in decoded) return { value: peerIdOf(decoded.bytes) };
  return { reason: `failed to parse p2p addr: ${text} ${decoded.reason}` };
}
