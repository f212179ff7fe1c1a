// npm test: all tests; the last line is `N passed, N failed`. Arguments after `--` go to jest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hasChromium } from '../test/browser/chromium.mjs';
import { jest } from './jest.mjs';
import { at, ensureBuilt, ensureInstalled, say } from './prepare.mjs';

const NEEDS_GO = 'interop';
const NEEDS_GO_AND_PYTHON = 'clients';
const NEEDS_CHROMIUM = 'browser';
/** The suites whose Go peer is also built on the newest go-libp2p. */
const ON_NEWEST = 'test/interop/(handshake|sync)';
const RUNS = [
  { name: 'unit', project: 'unit' },
  { name: 'integration', project: 'integration' },
  { name: 'interop', project: NEEDS_GO },
  { name: 'interop-newest', project: NEEDS_GO, only: ON_NEWEST, env: { GO_PEER: 'newest' } },
  { name: 'clients', project: NEEDS_GO_AND_PYTHON },
  { name: 'browser', project: NEEDS_CHROMIUM },
];

ensureInstalled();
ensureBuilt();
mkdirSync(at('.cache'), { recursive: true });

const filters = process.argv.slice(2);
let passed = 0;
let failed = 0;
// Projects that need a program which is not there.
const missing = new Map();
const isThere = (program, flag) => spawnSync(program, [flag]).status === 0;
if (!isThere('go', 'version')) missing.set(NEEDS_GO, 'go').set(NEEDS_GO_AND_PYTHON, 'go');
if (!isThere('python3', '--version')) missing.set(NEEDS_GO_AND_PYTHON, 'python3');
if (!hasChromium) missing.set(NEEDS_CHROMIUM, 'chromium');
for (const run of RUNS) if (!missing.has(run.project)) runJest(run);
for (const [project, program] of missing) leaveOut(project, program);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function runJest({ name, project, only, env }) {
  const output = at(`.cache/test-${name}.json`);
  rmSync(output, { force: true });
  // A filter may well leave nothing of a project; without one that is a failure.
  const wanted = filters.length > 0 ? filters : only === undefined ? [] : ['--', only];
  const more = filters.length > 0 ? ['--passWithNoTests', ...wanted] : wanted;
  const status = jest(['--selectProjects', project, '--json', '--outputFile', output, ...more], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  const result = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : {};
  const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = result;
  passed += numPassedTests;
  // A file that cannot be loaded has no tests that fail, and a run that dies has no result.
  const failures = numFailedTests + numRuntimeErrorTestSuites;
  failed += failures === 0 && status !== 0 ? 1 : failures;
}

function leaveOut(project, program) {
  const suites = readdirSync(at('test', project), { recursive: true }).filter((name) =>
    name.endsWith('.spec.ts'),
  );
  say(`left out, as there is no ${program}: ${suites.map((name) => `test/${project}/${name}`).join(', ')}`);
  if (process.env.CI !== 'true') return;
  say('with CI=true that is a failure');
  failed += suites.length;
}
