// npm run interop:matrix: the interop suites against a Go peer on each line of go-libp2p, old ones included.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { goPeerVersions } from '../test/interop/build-go-peer.mjs';
import { jest } from './jest.mjs';
import { at, ensureBuilt, ensureInstalled, say } from './prepare.mjs';

ensureInstalled();
ensureBuilt();
mkdirSync(at('.cache'), { recursive: true });

const rows = goPeerVersions.map((version) => {
  const output = at(`.cache/matrix-${version}.json`);
  rmSync(output, { force: true });
  const args = ['--selectProjects', 'interop', '--json', '--outputFile', output];
  const status = jest(args, { stdio: ['ignore', 'ignore', 'inherit'], env: { GO_PEER: version } });
  const result = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : {};
  const { numPassedTests: passed = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = result;
  const failures = numFailedTests + numRuntimeErrorTestSuites;
  return { version, passed, failed: failures === 0 && status !== 0 ? 1 : failures };
});
say('go-libp2p   passed   failed');
for (const { version, passed, failed } of rows) {
  say(`${version.padEnd(9)}${String(passed).padStart(9)}${String(failed).padStart(9)}`);
}
process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0;
