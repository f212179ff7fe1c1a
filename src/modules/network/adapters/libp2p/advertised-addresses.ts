import { isIP } from 'node:net';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import type { NetworkConfig } from '../../network.config.js';
import { NetworkError } from '../../network.errors.js';

const DNS_ADDRESS = /^\/?(dns[46]?)\/([^/]{1,253})\/?$/i;
/** A part of a host name: letters, digits and inner hyphens, as RFC 1123 has it, and the underscores of container names. */
const LABEL = /^\w(?:[\w-]{0,61}\w)?$/;

/**
 * The multiaddr to listen on.
 * @throws {NetworkError} NETWORK.LISTEN_FAILED when `listenHost` is no IP address.
 * @remarks Differs: the Go client can only listen on IPv4.
 */
export function listenAddress({ listenHost, listenPort }: NetworkConfig): string {
  const version = isIP(listenHost);
  if (version === 0) {
    throw new NetworkError({
      code: 'NETWORK.LISTEN_FAILED',
      address: listenHost,
      reason: 'not an IP address',
    });
  }
  return `/ip${version}/${listenHost}/tcp/${listenPort}`;
}

const WEBSOCKET_LISTEN = /^\/(?:ip4|ip6)\/([^/]+)\/tcp\/(\d{1,5})\/ws$/;
const WEBSOCKET_ANNOUNCE = /^\/(?:ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d{1,5}\/(?:ws|wss|tls\/ws)$/;
const MAX_PORT = 65_535;

/**
 * All multiaddrs to listen on, that of TCP first.
 * @throws {NetworkError} NETWORK.LISTEN_FAILED as {@link listenAddress} | NETWORK.BAD_ADDRESS for one of WebSockets that is none
 */
export function listenAddresses(config: NetworkConfig): string[] {
  const { listen } = config.websocket;
  if (listen === undefined) return [listenAddress(config)];
  const [, host = '', port] = WEBSOCKET_LISTEN.exec(listen) ?? [];
  if (isIP(host) === 0 || Number(port) > MAX_PORT) {
    throw badAddress(listen, 'network.websocket.listen does not read like /ip4/0.0.0.0/tcp/1479/ws');
  }
  return [listenAddress(config), listen];
}

/**
 * What others are told, of what we listen on.
 * @param announced in place of the hosts, up to the port
 * @param webSocket in place of the addresses of WebSockets
 * @throws {NetworkError} NETWORK.BAD_ADDRESS
 */
export function advertised(
  listening: readonly Multiaddr[],
  announced: string | undefined,
  webSocket: string | undefined,
): Multiaddr[] {
  const isWebSocket = (address: Multiaddr) => address.getComponents().some(({ name }) => name === 'ws');
  const replaced = (addresses: readonly Multiaddr[], end: string): Multiaddr[] => {
    if (announced === undefined) return [...addresses];
    const port = addresses[0]?.getComponents().find(({ name }) => name === 'tcp')?.value;
    return port === undefined ? [] : [multiaddr(`${announced}/tcp/${port}${end}`)];
  };
  const plain = replaced(
    listening.filter((address) => !isWebSocket(address)),
    '',
  );
  if (webSocket !== undefined) return [...plain, multiaddr(webSocket)];
  return [...plain, ...replaced(listening.filter(isWebSocket), '/ws')];
}

/** @throws {NetworkError} NETWORK.BAD_ADDRESS */
export function checkWebSocketAnnounce(announce: string | undefined): void {
  if (announce === undefined || WEBSOCKET_ANNOUNCE.test(announce)) return;
  throw badAddress(
    announce,
    'network.websocket.announce does not read like /dns4/node.example.org/tcp/443/wss',
  );
}

/**
 * What replaces the addresses we listen on when we tell others where we are, up to the port; undefined = nothing does.
 * @throws {NetworkError} NETWORK.BAD_ADDRESS
 * @see polygon-edge@597a0f3 network/server.go, network/common/common.go
 * @remarks Differs: IPv6 works for `natAddress` (Go ignores it silently); names of any number of labels work for `dnsAddress`.
 */
export function announcedHost({ natAddress, dnsAddress }: NetworkConfig): string | undefined {
  if (natAddress !== undefined) {
    const version = isIP(natAddress);
    if (version === 0 || natAddress.includes('%'))
      throw badAddress(natAddress, 'the NAT address is not an IP address');
    return `/ip${version}/${natAddress}`;
  }
  if (dnsAddress === undefined) return undefined;
  const [, protocol, host] = DNS_ADDRESS.exec(dnsAddress) ?? [];
  if (protocol === undefined || host === undefined || !host.split('.').every((label) => LABEL.test(label))) {
    throw badAddress(dnsAddress, 'the DNS address does not read like dns4/node.example.org');
  }
  return `/${protocol.toLowerCase()}/${host}`;
}

function badAddress(address: string, reason: string): NetworkError {
  return new NetworkError({ code: 'NETWORK.BAD_ADDRESS', address, reason });
}
