import { readFileSync } from 'node:fs';
import { packageLicense } from '../common/package-facts.js';
import type { CommandResult } from './output.js';

/** npm puts it into every package, beside package.json; it stands two folders above in `src` and in `dist` alike. */
const LICENSE = new URL('../../LICENSE', import.meta.url);

/**
 * `license`: the terms that this program may be used on.
 * @see polygon-edge@597a0f3 command/license/result.go LicenseResult
 * @remarks Differs: Go attributes the modules that are compiled into it; ours are packages that bring their own licenses, so
 * that list is empty.
 */
export function license(): CommandResult {
  const text = readFileSync(LICENSE, 'utf8').replaceAll('\r\n', '\n');
  return { text: `\n[LICENSE]\n\n${text}`, json: { license: packageLicense(), bsd_licenses: [] } };
}
