import { createHash } from 'node:crypto';
import type { Role } from '../ports/access.port.js';

/** Who holds a token. */
export interface TokenHolder {
  readonly name: string;
  readonly role: Role;
}

/** A token by its SHA-256: itself is kept nowhere. */
export interface TokenEntry extends TokenHolder {
  readonly digest: Buffer;
}

/** What is wrong with a token file, by line; never shows a token. */
export class TokenFault extends Error {}

const LINE = /^(?<role>[^:]*):(?<name>[^:]*):(?<token>.*)$/;
const ROLE = /^(viewer|operator|admin)$/;
const NAME = /^[A-Za-z0-9._@-]{1,64}$/;
/** What RFC 6750 lets a bearer token be; from 32 characters on it cannot be guessed. */
const TOKEN = /^[A-Za-z0-9._~+/-]{32,512}=*$/;
const MAX_TOKENS = 1_000;

/**
 * The tokens of a file: lines `role:name:token`, empty ones and comments (`#`) aside. A name may stand twice, so that
 * its token can be replaced without a gap.
 * @throws {TokenFault}
 */
export function parseTokens(text: string): TokenEntry[] {
  const entries: TokenEntry[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const entry = entryOf(line, `line ${index + 1}`);
    if (entries.some(({ digest }) => digest.equals(entry.digest))) {
      throw new TokenFault(`line ${index + 1}: a token stands twice`);
    }
    entries.push(entry);
    if (entries.length > MAX_TOKENS) throw new TokenFault(`there are more than ${MAX_TOKENS} tokens`);
  }
  return entries;
}

function entryOf(line: string, where: string): TokenEntry {
  const { role, name, token } = LINE.exec(line)?.groups ?? {};
  if (role === undefined || name === undefined || token === undefined) {
    throw new TokenFault(`${where} does not read role:name:token`);
  }
  if (!ROLE.test(role)) throw new TokenFault(`${where}: the role must be viewer, operator or admin`);
  if (!NAME.test(name)) throw new TokenFault(`${where}: a name has 1 to 64 of A-Z a-z 0-9 . _ @ -`);
  if (!TOKEN.test(token)) {
    throw new TokenFault(`${where}: a token has 32 to 512 of A-Z a-z 0-9 . _ ~ + / -, and = at its end`);
  }
  return { name, role: role as Role, digest: digestOf(token) };
}

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
