import { readFileSync } from 'node:fs';

/** The version of this program. */
export const packageVersion = (): string => facts().version;

/** The SPDX name of its license. */
export const packageLicense = (): string => facts().license;

/** What package.json says; it stands two folders above in `src` and in `dist` alike. */
function facts(): { readonly version: string; readonly license: string } {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
}
