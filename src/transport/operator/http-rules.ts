import type { IncomingMessage } from 'node:http';
import { cors } from '@connectrpc/connect';
import { WEB_FAULTS, type WebRules, webFault } from '../../common/web-pages.js';

/** What becomes of a request before its path is looked at. */
export type HttpVerdict =
  | { readonly kind: 'refused'; readonly status: 400 | 403; readonly reason: string }
  | { readonly kind: 'preflight' | 'allowed'; readonly headers: Readonly<Record<string, string>> };

const PREFLIGHT_SECONDS = '7200';

const REASONS = {
  hosts: 'there is more than one Host',
  host: 'this host name is not allowed (system.allowedHosts)',
  origin: 'this origin is not allowed (system.allowedOrigins)',
} as const;

/** Keeps web pages from driving a node that their browser can reach, and tells those that may what they may send and see. */
export function judgeHttp(
  rules: WebRules,
  request: Pick<IncomingMessage, 'method' | 'headers' | 'rawHeaders'>,
): HttpVerdict {
  const fault = webFault(rules, request);
  if (fault !== undefined) return { kind: 'refused', status: WEB_FAULTS[fault], reason: REASONS[fault] };
  const { method, headers } = request;
  const { origin } = headers;
  if (origin === undefined) {
    return method === 'OPTIONS'
      ? { kind: 'refused', status: 403, reason: 'OPTIONS is for web pages' }
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
