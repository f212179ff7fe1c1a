// npm test: all tests; the last line is `N passed, N failed`. Arguments after `--` go to jest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { jest } from './jest.mjs';
import { at, ensureBuilt, ensureInstalled, say } from './prepare.mjs';

const PROJECTS = ['unit', 'integration', 'interop'];
const NEEDS_GO = 'interop';

ensureInstalled();
ensureBuilt();
mkdirSync(at('.cache'), { recursive: true });

const filters = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const project of PROJECTS) {
  if (project === NEEDS_GO && spawnSync('go', ['version']).status !== 0) leaveOut();
  else runProject(project);
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function runProject(project) {
  const output = at(`.cache/test-${project}.json`);
  rmSync(output, { force: true });
  // A filter may well leave nothing of a project; without one that is a failure.
  const more = filters.length > 0 ? ['--passWithNoTests', ...filters] : [];
  const status = jest(['--selectProjects', project, '--json', '--outputFile', output, ...more], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const result = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : {};
  const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = result;
  passed += numPassedTests;
  // A file that cannot be loaded has no tests that fail, and a run that dies has no result.
  const failures = numFailedTests + numRuntimeErrorTestSuites;
  failed += failures === 0 && status !== 0 ? 1 : failures;
}

function leaveOut() {
  const suites = readdirSync(at('test', NEEDS_GO), { recursive: true }).filter((name) =>
    name.endsWith('.spec.ts'),
  );
  say(`left out, as there is no go: ${suites.map((name) => `test/${NEEDS_GO}/${name}`).join(', ')}`);
  if (process.env.CI !== 'true') return;
  say('with CI=true that is a failure');
  failed += suites.length;
}
