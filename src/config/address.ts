import { isIP } from 'node:net';
import { SettingFault } from './setting.js';

export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * `host:port`, `:port` or `[ipv6]:port` as Go reads it; an empty host becomes `defaultHost`.
 * @throws {SettingFault} with the Go client's text
 * @see polygon-edge@597a0f3 command/helper/helper.go ResolveAddr
 */
export function parseTcpAddress(text: string, defaultHost: string): TcpAddress {
  const refuse = (reason: string) => new SettingFault(`failed to parse addr '${text}': address ${reason}`);
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text);
  if (!match) {
    const colons = text.split(':').length - 1;
    throw refuse(
      `${text}: ${colons === 0 || text.endsWith(']') ? 'missing port in address' : 'too many colons in address'}`,
    );
  }
  const [, bracketed, plain, digits = ''] = match;
  if (bracketed !== undefined && isIP(bracketed) !== 6) throw refuse(`${text}: not an IPv6 address`);
  const port = Number(digits);
  if (!/^\d{1,5}$/.test(digits) || port > 65_535) throw refuse(`${digits}: invalid port`);
  return { host: bracketed || plain || defaultHost, port };
}

/**
 * An IPv4 address to listen on for peers; `localhost` is one.
 * @remarks Differs: Go prints any IPv6 address into an `/ip4` multiaddr and fails on it later.
 */
export function parseListenAddress(text: string): TcpAddress {
  const { host, port } = parseTcpAddress(text, '127.0.0.1');
  const ip = host === 'localhost' ? '127.0.0.1' : host;
  if (isIP(ip) !== 4)
    throw new SettingFault(`failed to parse addr '${text}': ${host} is not an IPv4 address`);
  return { host: ip, port };
}

/**
 * `[/]dns[4|6]/<host>[/]` without the outer slashes.
 * @remarks Differs: Go refuses hosts with two or more dots or none; any host name is taken here.
 * @see polygon-edge@597a0f3 network/common/common.go MultiAddrFromDNS
 */
export function parseDnsAddress(text: string): string {
  const match = /^\/?(dns[46]?)\/([^/]+)\/?$/.exec(text);
  const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
  const [, version = '', host = ''] = match ?? [];
  if (host.length > 253 || !new RegExp(`^${label}(\\.${label})*$`).test(host)) {
    throw new SettingFault('invalid DNS address');
  }
  return `${version}/${host}`;
}
