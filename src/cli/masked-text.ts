import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const HIDDEN = '***';
/** Names of settings whose values nobody else is to see, whatever they are. */
const SECRET_NAME = /(token|secret|passw(or)?d|passphrase|credential|apikey|privatekey)/i;
const PATTERNS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:bearer|basic)\s+[\w.~+/=-]{8,}/gi,
  // What stands before the @ of a URL.
  /(?<=:\/\/)[^\s/@"]+(?=@)/g,
];
/** Those of a data folder that hold keys. */
const KEY_FOLDERS = ['libp2p', 'consensus'];
const MIN_SECRET_LENGTH = 8;

/** Hides in a text what must not leave the machine. */
export type Mask = (text: string) => string;

/**
 * A mask that knows the keys of the data folder by heart, in every spelling that a log might have, and what secrets
 * look like.
 */
export async function maskFor(dataDir: string): Promise<Mask> {
  const files = (await Promise.all(KEY_FOLDERS.map((folder) => keyTexts(join(dataDir, folder))))).flat();
  const secrets = files.flatMap(spellings).filter((text) => text.length >= MIN_SECRET_LENGTH);
  return (text) => {
    const known = secrets.reduce((masked, secret) => masked.replaceAll(secret, HIDDEN), text);
    return PATTERNS.reduce((masked, pattern) => masked.replace(pattern, HIDDEN), known);
  };
}

/** A tree of settings in which those with the names of secrets are hidden. */
export function maskSettings(value: unknown, name = ''): unknown {
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) return value.map((item) => maskSettings(item, name));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskSettings(inner, key)]));
  }
  return SECRET_NAME.test(name) && typeof value === 'string' && value !== '' ? HIDDEN : value;
}

/** The text of a key file, and its bytes as hex and base64. The network key's has four bytes in front of the key. */
function spellings(text: string): string[] {
  const hex = text.trim().replace(/^0x/, '');
  if (hex === '') return [];
  const bytes = Buffer.from(hex, 'hex');
  const key = bytes.subarray(-32);
  return [
    hex,
    hex.toUpperCase(),
    key.toString('hex'),
    key.toString('hex').toUpperCase(),
    key.toString('base64'),
  ];
}

async function keyTexts(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const keys = names.filter((name) => name.endsWith('.key'));
  return Promise.all(keys.map((name) => readFile(join(folder, name), 'latin1').catch(() => '')));
}
