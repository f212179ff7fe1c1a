import type { Identity } from './ports/access.port.js';

const NOBODY: Identity = { name: 'unknown', role: 'none', how: 'anonymous' };
const CALLER = Symbol('caller');

/** The metadata object that a call's handler gets. */
interface Metadata {
  [CALLER]?: Identity;
}

/** The transport says who makes a call, before its handler runs. */
export function rememberCaller(metadata: object, identity: Identity): void {
  (metadata as Metadata)[CALLER] = identity;
}

/**
 * Who makes a call of the operator API, over whichever protocol: `metadata` is the second argument of a @GrpcMethod
 * handler. For the audit trail: what the caller may do was decided before the handler ran.
 */
export function callerOf(metadata: unknown): Identity {
  const known =
    typeof metadata === 'object' && metadata !== null ? (metadata as Metadata)[CALLER] : undefined;
  return known ?? NOBODY;
}
