import { isLoopbackIp } from '../../../common/ip-address.js';
import type { AccessConfig } from '../access.config.js';
import type { CallerFacts, ClientCertificate, Identity, Role } from '../ports/access.port.js';
import type { CertificateRoles } from './certificate-roles.js';
import type { TokenHolder } from './parse-tokens.js';

const MAX_NAME_CHARACTERS = 64;

export interface Credentials {
  readonly config: Pick<AccessConfig, 'loopbackRole' | 'remoteRole'>;
  readonly certificateRoles: CertificateRoles;
  readonly findToken: (token: string) => TokenHolder | undefined;
}

/**
 * Who a caller is: by the token it shows, else by its certificate, else by where it calls from. A certificate of which
 * nothing was said gives its name and no role of its own.
 *
 * @returns undefined for a token that nobody holds, whatever else is shown: the caller means to be somebody.
 */
export function identify(facts: CallerFacts, credentials: Credentials): Identity | undefined {
  const { token, certificate, address } = facts;
  if (token !== undefined) {
    const holder = credentials.findToken(token);
    return holder && { name: holder.name, role: holder.role, how: 'token' };
  }
  const byAddress = identityByAddress(address, credentials.config);
  if (certificate === undefined) return byAddress;
  const role = credentials.certificateRoles(certificate) ?? byAddress.role;
  return { name: nameOf(certificate), role, how: 'certificate' };
}

function identityByAddress(
  address: string,
  { loopbackRole, remoteRole }: { readonly loopbackRole: Role; readonly remoteRole: Role },
): Identity {
  return isLoopbackIp(address)
    ? { name: 'loopback', role: loopbackRole, how: 'loopback' }
    : { name: printable(address), role: remoteRole, how: 'anonymous' };
}

function nameOf({ subject, names, fingerprint256 }: ClientCertificate): string {
  return printable(subject || (names[0] ?? fingerprint256));
}

/** A certificate may hold any text. */
function printable(text: string): string {
  return text.slice(0, MAX_NAME_CHARACTERS).replace(/[^\x20-\x7e]/g, '?');
}
