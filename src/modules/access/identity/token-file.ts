import { timingSafeEqual } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { osErrorText } from '../../../common/os-error.js';
import { AccessError } from '../access.errors.js';
import { digestOf, parseTokens, type TokenEntry, TokenFault, type TokenHolder } from './parse-tokens.js';

/** How soon a change of the file is seen; it is looked for only when somebody shows a token. */
const CHECK_INTERVAL_MS = 1_000;
const MAX_FILE_BYTES = 1_024 * 1_024;
const OTHERS = 0o077;

/**
 * The tokens of a file. It is read again when it changes; a new version that cannot be used is warned of once, and the
 * tokens of the last good one stay.
 */
export class TokenFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #read: (path: string) => readonly TokenEntry[];
  #entries: readonly TokenEntry[];
  /** What tells the version last read, good or not. */
  #version: string;
  /** What was last warned of. */
  #failure: string | undefined;
  #checkedAtMs: number;

  /** @throws {AccessError} ACCESS.TOKEN_FILE */
  constructor(path: string, clock: Clock, log: Logger, read = readTokens) {
    this.#read = read;
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
    this.#version = versionOf(path);
    this.#checkedAtMs = clock.monotonicMs();
    this.#entries = read(path);
  }

  /** Who holds the token. Takes the same time for any token, right or wrong. */
  find(token: string): TokenHolder | undefined {
    this.#refresh();
    const digest = digestOf(token);
    let found: TokenHolder | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) found = entry;
    return found;
  }

  #refresh(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#checkedAtMs < CHECK_INTERVAL_MS) return;
    this.#checkedAtMs = nowMs;
    const version = versionOf(this.#path);
    if (version === this.#version) return;
    try {
      this.#entries = this.#read(this.#path);
      this.#version = version;
      this.#failure = undefined;
      this.#log.info('the token file was read again', { path: this.#path, tokens: this.#entries.length });
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      // What kept it from being read may pass, as when no descriptor is left: then it is tried again.
      if (error.cause instanceof TokenFault) this.#version = version;
      this.#warn(error);
    }
  }

  #warn({ code, message }: AccessError): void {
    if (message === this.#failure) return;
    this.#failure = message;
    this.#log.warn('the token file cannot be used, the last tokens stay', { code, error: message });
  }
}

/** What is other when the file is; or why there is none. */
function versionOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return osErrorText(error);
  }
}

/** @throws {AccessError} ACCESS.TOKEN_FILE */
export function readTokens(path: string): TokenEntry[] {
  try {
    return parseTokens(readPrivate(path));
  } catch (error) {
    const reason = error instanceof TokenFault ? error.message : osErrorText(error);
    throw new AccessError({ code: 'ACCESS.TOKEN_FILE', path, reason }, error);
  }
}

/** Does not wait for a pipe's writer. */
function readPrivate(path: string): string {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new TokenFault('is no file');
    if (stats.size > MAX_FILE_BYTES) throw new TokenFault(`has more than ${MAX_FILE_BYTES} bytes`);
    if (isOpenToOthers(stats)) throw new TokenFault('others may read it: chmod 600');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** As ssh judges a private key: only of a file of our own. One that the system's owner made for us, as containers get secrets, is as he meant it. */
function isOpenToOthers({ uid, mode }: Stats): boolean {
  return uid === process.getuid?.() && (mode & OTHERS) !== 0;
}
