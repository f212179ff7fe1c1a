import type { ClientCertificate, Role } from '../ports/access.port.js';

/** The role of a client certificate; undefined when nothing was said of it. */
export type CertificateRoles = (certificate: ClientCertificate) => Role | undefined;

interface Entry {
  readonly who: string;
  readonly role: Role;
}

const ANYONE = '*';

/**
 * Reads entries `who=role`; the first that fits a certificate decides. `who` is a common name, an alternative name, the
 * SHA-256 of the certificate in hex, or `*`. Names are compared as they are.
 *
 * An entry in the form of a fingerprint fits no name: a CA that signs any name could otherwise give it to somebody else.
 */
export function certificateRoles(entries: readonly string[]): CertificateRoles {
  const known = entries.map(entryOf);
  return ({ subject, names, fingerprint256 }) => {
    const fingerprint = fingerprintIn(fingerprint256);
    const fits = ({ who }: Entry) => {
      if (who === ANYONE) return true;
      const wanted = fingerprintIn(who);
      return wanted === undefined ? who === subject || names.includes(who) : wanted === fingerprint;
    };
    return known.find(fits)?.role;
  };
}

function entryOf(text: string): Entry {
  const at = text.lastIndexOf('=');
  return { who: text.slice(0, at), role: text.slice(at + 1) as Role };
}

function fingerprintIn(text: string): string | undefined {
  const hex = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(hex) ? hex : undefined;
}
