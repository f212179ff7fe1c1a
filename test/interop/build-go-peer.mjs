import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

const at = (...path) => resolve(import.meta.dirname, ...path);
const cache = (name) => at('../../.cache', name);

/**
 * The go-libp2p lines that a Go peer can be built on; `0.32` is the Go client's last and stands in go.mod itself.
 * Old lines need old compilers: one that Go downloads, and Debian's package golang-1.19.
 */
const VERSIONS = {
  0.32: { args: [] },
  newest: { args: ['-modfile=versions/newest.mod'] },
  0.27: { args: ['-modfile=versions/0.27.mod'], env: { GOTOOLCHAIN: 'go1.20.14' } },
  0.22: { args: ['-modfile=versions/0.22.mod', '-tags=libp2p022'], go: '/usr/lib/go-1.19/bin/go' },
};

export const goPeerVersions = Object.keys(VERSIONS);

const version = process.env.GO_PEER ?? '0.32';

/** Where the interop tests and the benches find the Go peer; `GO_PEER` names another version than the Go client's. */
export const goPeerBinary = cache(version === '0.32' ? 'go-peer' : `go-peer-${version}`);

/** A client of the operator API in another language, as the README shows it. */
export const grpcurlBinary = cache('bin/grpcurl');
const GRPCURL = 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.1';

/** Builds the Go peer and grpcurl; Go's own cache makes a second call cheap. Jest calls this before the interop suites. */
export default function buildGoPeer() {
  const build = VERSIONS[version];
  if (build === undefined) throw new Error(`GO_PEER=${version} is none of ${goPeerVersions.join(', ')}`);
  const { args, go = 'go', env } = build;
  mkdirSync(cache('.'), { recursive: true });
  execFileSync(go, ['build', ...args, '-o', goPeerBinary, '.'], {
    cwd: at('go-peer'),
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  if (existsSync(grpcurlBinary)) return;
  const goBin = { ...process.env, GOBIN: cache('bin') };
  execFileSync('go', ['install', GRPCURL], { env: goBin, stdio: 'inherit' });
}
