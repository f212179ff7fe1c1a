import type { IncomingHttpHeaders } from 'node:http';
import { cors } from '@connectrpc/connect';
import { foreignHeader, type WebRules } from '../../common/web-pages.js';

/** What becomes of a request before its path is looked at. */
export type HttpVerdict =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'preflight' | 'allowed'; readonly headers: Readonly<Record<string, string>> };

const PREFLIGHT_SECONDS = '7200';

const REASONS = {
  host: 'this host name is not allowed (system.allowedHosts)',
  origin: 'this origin is not allowed (system.allowedOrigins)',
} as const;

/** Keeps web pages from driving a node that their browser can reach, and tells those that may what they may send and see. */
export function judgeHttp(rules: WebRules, method: string, headers: IncomingHttpHeaders): HttpVerdict {
  const foreign = foreignHeader(rules, headers);
  if (foreign !== undefined) return { kind: 'refused', reason: REASONS[foreign] };
  const { origin } = headers;
  if (origin === undefined) {
    return method === 'OPTIONS'
      ? { kind: 'refused', reason: 'OPTIONS is for web pages' }
      : { kind: 'allowed', headers: {} };
  }
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
