// npm run build: compiles src to dist, and bundles the verifier and what others test with there. The proto files are read where they are, beside dist.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { bundleTesting } from './bundle-testing.mjs';
import { bundleVerifier } from './bundle-verifier.mjs';
import { at, need, root, run, say } from './prepare.mjs';

rmSync(at('dist'), { recursive: true, force: true });
// With it the compiler would take the files just removed for written.
rmSync(at('.cache/build.tsbuildinfo'), { force: true });
need(run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']));
chmodSync(at('dist/main.js'), 0o755);
say(`dist/verifier/index.js: ${Math.round((await bundleVerifier(at('dist/verifier'))) / 1_000)} kB`);
// An image is built without tests, and has no use for it.
if (existsSync(at('test/contract'))) await bundleTesting(at('dist/testing'));
writeFileSync(
  at('dist/build-info.json'),
  `${JSON.stringify({
    branch: git('rev-parse', '--abbrev-ref', 'HEAD'),
    commit: git('rev-parse', 'HEAD'),
    buildTime: new Date().toISOString(),
  })}\n`,
);

/** Empty outside of a git checkout. */
function git(...args) {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
