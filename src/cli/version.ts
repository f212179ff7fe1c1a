import { readFileSync } from 'node:fs';
import { packageVersion } from '../common/package-version.js';
import { type CommandResult, keyValues } from './output.js';

/**
 * `version`: what is running. Commit, branch and time are known of a build from a git checkout.
 * @see polygon-edge@597a0f3 command/version/result.go VersionResult
 */
export function version(): CommandResult {
  const version = packageVersion();
  const [branch, commit, buildTime] = ['branch', 'commit', 'buildTime'].map(buildInfo);
  const rows = keyValues([
    ['Release version', version],
    ['Git branch', branch ?? ''],
    ['Commit hash', commit ?? ''],
    ['Build time', buildTime ?? ''],
  ]);
  return { text: `\n[VERSION INFO]\n${rows}`, json: { version, commit, branch, buildTime } };
}

function buildInfo(name: string): string {
  try {
    const value: unknown = Reflect.get(
      JSON.parse(readFileSync(new URL('../build-info.json', import.meta.url), 'utf8')),
      name,
    );
    return typeof value === 'string' ? value : '';
  } catch {
    // Run from source or from an unpacked archive there is no such file: unknown, which is shown.
    return '';
  }
}
