import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where the interop tests and the benches find the Go peer. */
export const goPeerBinary = resolve(import.meta.dirname, '../../.cache/go-peer');

/** A client of the operator API in another language, as the README shows it. */
export const grpcurlBinary = resolve(import.meta.dirname, '../../.cache/bin/grpcurl');
const GRPCURL = 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.1';

/** Builds the Go peer and grpcurl; Go's own cache makes a second call cheap. Jest calls this before the interop suites. */
export default function buildGoPeer() {
  mkdirSync(resolve(goPeerBinary, '..'), { recursive: true });
  execFileSync('go', ['build', '-o', goPeerBinary, '.'], {
    cwd: resolve(import.meta.dirname, 'go-peer'),
    stdio: 'inherit',
  });
  if (existsSync(grpcurlBinary)) return;
  const env = { ...process.env, GOBIN: resolve(grpcurlBinary, '..') };
  execFileSync('go', ['install', GRPCURL], { env, stdio: 'inherit' });
}
