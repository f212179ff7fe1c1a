import { isIP } from 'node:net';

export interface WebRules {
  /** Beside `localhost` and IP addresses, in any case. */
  readonly allowedHosts: readonly string[];
  /** Such as `https://console.example`, in any case. */
  readonly allowedOrigins: readonly string[] | 'any';
}

/** Of one request; without an origin it is of no page. */
export interface WebHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

/**
 * By what a request is of a web page that may not drive this node, if it is. A page of another site shows by its Origin; one
 * whose own name was turned to this machine's address, by its Host. An IP address as Host cannot be turned.
 */
export function foreignHeader(
  rules: WebRules,
  { host = '', origin }: WebHeaders,
): keyof WebHeaders | undefined {
  if (!isKnownHost(hostName(host), rules.allowedHosts)) return 'host';
  return origin === undefined || isKnownOrigin(origin, rules.allowedOrigins) ? undefined : 'origin';
}

function isKnownHost(name: string, allowed: readonly string[]): boolean {
  if (name === '') return false;
  return name === 'localhost' || isIP(name) !== 0 || allowed.some((host) => host.toLowerCase() === name);
}

/** Browsers write theirs in lower case and without a slash; people may not. */
function isKnownOrigin(origin: string, allowed: WebRules['allowedOrigins']): boolean {
  return allowed === 'any' || allowed.some((known) => known.toLowerCase().replace(/\/$/, '') === origin);
}

/** Without port and brackets, in lower case; empty for what is no host. */
function hostName(host: string): string {
  const [, bracketed, plain = ''] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return (bracketed ?? plain).toLowerCase();
}
