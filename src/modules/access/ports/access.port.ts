import type { AppError } from '../../../common/app-error.js';
import type { GrpcStatusCode } from '../../../common/grpc-status.js';

/** Who may call the operator API, and how much. */
export const ACCESS = Symbol('ACCESS');

/** Each role may do what those before it may; `none` may only ask whether the node is healthy. */
export const ROLES = ['none', 'viewer', 'operator', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** A client certificate that the transport has verified against its client CA. */
export interface ClientCertificate {
  /** The common name of its subject; empty when it has none. */
  readonly subject: string;
  /** SHA-256 of the certificate, hex in either case, with or without colons. */
  readonly fingerprint256: string;
  /** The names of its subject alternative name, without their kind: `node.example`, `10.0.0.1`, `ops@example`. */
  readonly names: readonly string[];
}

/** What the transport knows of a caller. All of it but the certificate is the caller's own claim or the socket's. */
export interface CallerFacts {
  readonly transport: 'grpc' | 'http';
  /** IP address of the other end of the connection. */
  readonly address: string;
  readonly isEncrypted: boolean;
  readonly certificate?: ClientCertificate | undefined;
  /** What followed `Bearer ` in the authorization header. */
  readonly token?: string | undefined;
  /** The Origin header: there when a browser sends the call for a page. */
  readonly origin?: string | undefined;
}

export interface CalledMethod {
  /** Such as `/v1.System/GetStatus`. */
  readonly path: string;
  /** The least role that may call. Operator and admin are for what changes something. */
  readonly role: Role;
  readonly isStream: boolean;
}

/** Who a caller is taken for. */
export interface Identity {
  /** For the audit log: the token's or certificate's name, `loopback` or the address; at most 64 characters. */
  readonly name: string;
  readonly role: Role;
  readonly how: 'loopback' | 'certificate' | 'token' | 'anonymous';
}

/** A call that may go on. */
export interface Admission {
  readonly identity: Identity;
  /** Of a stream by token: aborts when the token, or its role, is taken away, with the AccessError that says so. */
  readonly revoked?: AbortSignal | undefined;
  /** To be called when the call is over, with what it was answered, if it was; a second time does nothing. */
  end(status?: GrpcStatusCode): void;
}

export interface Access {
  /**
   * Decides on one call, before its request is decoded, and counts it until `end`.
   * @throws {AccessError} ACCESS.UNAUTHENTICATED | ACCESS.TOO_MANY_FAILURES | ACCESS.FORBIDDEN | ACCESS.TOKEN_NEEDED |
   * ACCESS.RATE_LIMITED | ACCESS.TOO_MANY_CALLS | ACCESS.TOO_MANY_STREAMS
   */
  admit(facts: CallerFacts, call: CalledMethod): Admission;
  /**
   * Counts one connection of an IP address until the function it gives is called; a second time does nothing.
   * @throws {AccessError} ACCESS.TOO_MANY_CONNECTIONS
   */
  acceptConnection(address: string): () => void;
  /** Counts and tells that the transport has refused a call before it came to `admit`. */
  turnedAway(facts: CallerFacts, path: string, error: AppError): void;
  /** Counts and tells that a connection came to nothing before any call: its certificate is wrong, or too many try at once. */
  handshakeFailed(address: string, reason: string): void;
}
