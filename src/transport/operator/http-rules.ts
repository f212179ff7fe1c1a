import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { cors } from '@connectrpc/connect';

export interface HttpRules {
  /** Names beside `localhost` and IP addresses that the port may be called by. */
  readonly allowedHosts: readonly string[];
  /** Such as `https://console.example`. */
  readonly allowedOrigins: readonly string[];
}

/** What becomes of a request before its path is looked at. */
export type HttpVerdict =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'preflight' | 'allowed'; readonly headers: Readonly<Record<string, string>> };

const PREFLIGHT_SECONDS = '7200';

/**
 * Keeps web pages from driving a node that their browser can reach. A page of another site shows by its Origin; one whose
 * own name was turned to this machine's address, by its Host. An IP address as Host cannot be turned.
 */
export function judgeHttp(
  { allowedHosts, allowedOrigins }: HttpRules,
  method: string,
  headers: IncomingHttpHeaders,
): HttpVerdict {
  const host = hostName(headers.host ?? '');
  const isKnown = host === 'localhost' || isIP(host) !== 0 || allowedHosts.includes(host);
  if (!isKnown) return { kind: 'refused', reason: 'this host name is not allowed (system.allowedHosts)' };
  const { origin } = headers;
  if (origin === undefined) {
    return method === 'OPTIONS'
      ? { kind: 'refused', reason: 'OPTIONS is for web pages' }
      : { kind: 'allowed', headers: {} };
  }
  if (!allowedOrigins.includes(origin))
    return { kind: 'refused', reason: 'this origin is not allowed (system.allowedOrigins)' };
  const allowed = { 'access-control-allow-origin': origin, vary: 'Origin' };
  if (method !== 'OPTIONS') {
    const exposed = cors.exposedHeaders.join(', ');
    return { kind: 'allowed', headers: { ...allowed, 'access-control-expose-headers': exposed } };
  }
  return {
    kind: 'preflight',
    headers: {
      ...allowed,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': [...cors.allowedHeaders, 'Authorization'].join(', '),
      'access-control-max-age': PREFLIGHT_SECONDS,
      ...(headers['access-control-request-private-network'] === 'true'
        ? { 'access-control-allow-private-network': 'true' }
        : {}),
    },
  };
}

/** Without port and brackets, in lower case; empty for what is no host. */
function hostName(host: string): string {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]+)\]|([^:/@\s]+))(?::\d{1,5})?$/.exec(host) ?? [];
  return (bracketed ?? plain).toLowerCase();
}
