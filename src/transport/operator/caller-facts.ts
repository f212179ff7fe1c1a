import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../../modules/access/index.js';

const BEARER = /^bearer +(\S+)$/i;
/** One name of a subject alternative name; Node quotes names with odd characters as JSON. */
const NAME = /(?:^|, )[A-Za-z ]+:("(?:[^"\\]|\\.)*"|[^,]*)/g;

/**
 * The token of an authorization header; undefined without one. Of a header that holds no token it is empty, which nobody
 * has: who shows something means to be somebody.
 */
export function bearerToken(authorization: unknown): string | undefined {
  if (authorization === undefined) return undefined;
  const [, token = ''] = (typeof authorization === 'string' && BEARER.exec(authorization.trim())) || [];
  return token;
}

/** The certificate that a client has shown and that its CA vouches for. */
export function clientCertificate(socket: TLSSocket): ClientCertificate | undefined {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerCertificate();
  return certificate.raw === undefined ? undefined : toClientCertificate(certificate);
}

/** In the terms of the access decision. */
export function toClientCertificate({
  subject,
  fingerprint256,
  subjectaltname = '',
}: Pick<PeerCertificate, 'subject' | 'fingerprint256' | 'subjectaltname'>): ClientCertificate {
  // Several common names come as an array: nobody is taken for one of them.
  const name: unknown = subject?.CN;
  return {
    subject: typeof name === 'string' ? name : '',
    fingerprint256,
    names: [...subjectaltname.matchAll(NAME)].map(([, value = '']) =>
      value.startsWith('"') ? String(JSON.parse(value)) : value,
    ),
  };
}
