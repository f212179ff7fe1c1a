// Runs jest with what its modules need: npm run test:unit -- src/cli
import { createRequire } from 'node:module';
import { at, run } from './prepare.mjs';

const require = createRequire(import.meta.url);

/** Runs jest; gives its exit code. */
export function jest(args, { env: more, ...options } = {}) {
  const nodeOptions = [
    process.env.NODE_OPTIONS,
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
  ];
  const env = { ...process.env, ...more, NODE_OPTIONS: nodeOptions.filter(Boolean).join(' ') };
  return run(process.execPath, [require.resolve('jest/bin/jest'), ...args], { env, ...options });
}

if (process.argv[1] === at('scripts/jest.mjs')) process.exitCode = jest(process.argv.slice(2));
