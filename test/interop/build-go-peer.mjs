import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where the interop tests and the benches find the Go peer. */
export const goPeerBinary = resolve(import.meta.dirname, '../../.cache/go-peer');

/** Builds the Go peer; Go's own cache makes a second call cheap. Jest calls this before the interop suites. */
export default function buildGoPeer() {
  mkdirSync(resolve(goPeerBinary, '..'), { recursive: true });
  execFileSync('go', ['build', '-o', goPeerBinary, '.'], {
    cwd: resolve(import.meta.dirname, 'go-peer'),
    stdio: 'inherit',
  });
}
