import { buildInfo } from '../common/build-info.js';
import { packageVersion } from '../common/package-facts.js';
import { type CommandResult, keyValues } from './output.js';

/**
 * `version`: what is running. Commit, branch and time are known of a build from a git checkout.
 * @see polygon-edge@597a0f3 command/version/result.go VersionResult
 */
export function version(): CommandResult {
  const version = packageVersion();
  const [branch, commit, buildTime] = [buildInfo('branch'), buildInfo('commit'), buildInfo('buildTime')];
  const rows = keyValues([
    ['Release version', version],
    ['Git branch', branch],
    ['Commit hash', commit],
    ['Build time', buildTime],
  ]);
  return { text: `\n[VERSION INFO]\n${rows}`, json: { version, commit, branch, buildTime } };
}
