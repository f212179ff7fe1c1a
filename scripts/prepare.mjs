// What every script needs done first: packages installed as the lock file says, sources built.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const at = (...parts) => join(root, ...parts);
export const say = (text) => process.stderr.write(`${text}\n`);

/** Runs a program to its end; gives the exit code. */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) say(`${program}: ${error.message}`);
  return status ?? 1;
}

/** Ends this process when a step failed. */
export function need(status) {
  if (status !== 0) process.exit(status);
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isFit = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (isFit) return;
  say(`Node ${process.versions.node} is too old: 20.19 or newer, or 22.12 or newer, is needed`);
  process.exit(1);
}

export function ensureInstalled() {
  checkNode();
  // npm writes this file at the end of an installation.
  const stamp = timeOf('node_modules/.package-lock.json');
  if (stamp > 0 && stamp >= timeOf('package-lock.json')) return;
  if (lstatSync(at('node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    say('node_modules is a link and not up to date: npm ci would empty what it points to');
    process.exit(1);
  }
  say('installing packages (npm ci)');
  const options = { shell: process.platform === 'win32', stdio: ['ignore', process.stderr, 'inherit'] };
  need(run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], options));
}

export function ensureBuilt() {
  const inputs = [
    'src',
    'test/contract',
    'test/support',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ].map(newestIn);
  const built = timeOf('dist/build-info.json');
  if (built > 0 && existsSync(at('dist/main.js')) && built >= Math.max(...inputs)) return;
  say('building (npm run build)');
  need(run(process.execPath, [at('scripts/build.mjs')], { stdio: ['ignore', process.stderr, 'inherit'] }));
}

/** Time of the last change, ms; 0 when it is not there. */
function timeOf(path) {
  return statSync(at(path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestIn(path) {
  const stats = statSync(at(path), { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  return Math.max(stats.mtimeMs, ...readdirSync(at(path)).map((name) => newestIn(join(path, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled();
