import { isIP } from 'node:net';
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
