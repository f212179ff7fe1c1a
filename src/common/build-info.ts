import { readFileSync } from 'node:fs';

/** What is known of a build from a git checkout; empty of any other. It stands one folder above in `dist`. */
export function buildInfo(name: 'branch' | 'commit' | 'buildTime'): string {
  try {
    const text = readFileSync(new URL('../build-info.json', import.meta.url), 'utf8');
    const value: unknown = Reflect.get(JSON.parse(text), name);
    return typeof value === 'string' ? value : '';
  } catch {
    // Run from source or from an unpacked archive there is no such file: unknown, which is shown.
    return '';
  }
}
