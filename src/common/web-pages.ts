import { isIP } from 'node:net';

export interface WebRules {
  /** Beside `localhost` and IP addresses, in any case. */
  readonly allowedHosts: readonly string[];
  /** Such as `https://console.example`, in any case. */
  readonly allowedOrigins: readonly string[] | 'any';
}

const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i;
const MAX_PORT = 65_535;

/** What a request says of who sends it; without an origin it is of no page. */
export interface WebRequest {
  readonly headers: { readonly host?: string | undefined; readonly origin?: string | undefined };
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[];
}

/** What is wrong with a request, and the status that tells of it. @see RFC 9112, section 3.2 */
export const WEB_FAULTS = { hosts: 400, host: 403, origin: 403 } as const;
export type WebFault = keyof typeof WEB_FAULTS;

/**
 * By what a request is of a web page that may not drive this node, or hides for whom it is, if it is. A page of another site
 * shows by its Origin; one whose own name was turned to this machine's address, by its Host. An IP address as Host cannot be
 * turned. Of several, one before us may have taken another than we would.
 */
export function webFault(rules: WebRules, { headers, rawHeaders }: WebRequest): WebFault | undefined {
  const { host = '', origin } = headers;
  if (hasSeveralHosts(rawHeaders)) return 'hosts';
  if (!isKnownHost(hostName(host), rules.allowedHosts)) return 'host';
  return origin === undefined || isKnownOrigin(origin, rules.allowedOrigins) ? undefined : 'origin';
}

function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length > 1;
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
  const [, bracketed, plain = '', port = '0'] = HOST.exec(host) ?? [];
  return Number(port) > MAX_PORT ? '' : (bracketed ?? plain).toLowerCase();
}
