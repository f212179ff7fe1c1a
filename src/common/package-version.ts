import { readFileSync } from 'node:fs';

/** The version of this program, as its package.json says; it stands two folders above in `src` and in `dist` alike. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
