import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

const cache = (name) => resolve(import.meta.dirname, '../../.cache', name);

/** Where the Python packages of docs/clients/python.md are. */
export const pythonPackages = cache('python');
export const goClientBinary = cache('go-client');

const PYTHON_PACKAGES = ['grpcio==1.85.1', 'grpcio-tools==1.85.1'];
const PIP = [
  '-m',
  'pip',
  'install',
  '--quiet',
  '--disable-pip-version-check',
  '--root-user-action',
  'ignore',
];

/** Clients of other languages, made once. Jest calls this before the suites of clients. */
export default function buildClients() {
  mkdirSync(cache('.'), { recursive: true });
  if (!existsSync(pythonPackages)) {
    execFileSync('python3', [...PIP, '--target', pythonPackages, ...PYTHON_PACKAGES], { stdio: 'inherit' });
  }
  const cwd = resolve(import.meta.dirname, 'go-client');
  execFileSync('go', ['build', '-o', goClientBinary, '.'], { cwd, stdio: 'inherit' });
}
