import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** Runs a linter that is expected to fail, and gives what it printed. */
async function outputOf(command: string, args: string[], cwd: string): Promise<string> {
  try {
    const { stdout, stderr } = await run(command, args, { cwd, maxBuffer: 1 << 24 });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

async function plant(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** A rule that cannot fail protects nothing: each is broken once here, and must say so. */
describe('lint canary', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgekeeper-canary-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  describe('import rules', () => {
    let violations: { rule: string; from: string }[];

    beforeAll(async () => {
      const tree = join(folder, 'imports');
      await plant(tree, {
        'package.json': '{"type":"module"}',
        'tsconfig.json': '{}',
        'src/common/leaf.ts': "import '../main.js';\n",
        'src/main.ts': "import './modules/network/slots/slots.js';\n",
        'src/circle-a.ts': "import './circle-b.js';\nexport const a = 1;\n",
        'src/circle-b.ts': "import './circle-a.js';\nexport const b = 1;\n",
        'src/lost.ts': "import './nowhere.js';\n",
        'src/modules/network/index.ts': 'export {};\n',
        'src/modules/network/slots/slots.ts': "import '../../blockchain/index.js';\n",
        'src/modules/network/ports/plain.port.ts': "import '../slots/slots.js';\n",
        'src/modules/network/slots/dialer.ts': "import 'libp2p';\n",
        'src/modules/blockchain/index.ts': "import 'lmdb';\nimport 'classic-level';\n",
        'src/modules/blockchain/chain.ts':
          "import 'hash-wasm';\nimport 'secp256k1';\nimport '@noble/hashes/sha2.js';\nimport 'fast-check';\n",
        'src/verifier/index.ts':
          "import '../modules/blockchain/index.js';\nimport '@noble/hashes/sha2.js';\n",
        'src/verifier/crypto/keccak.ts': "import '@noble/hashes/sha3.js';\n",
        'src/modules/sync/sync.ts': "import '../system/index.js';\n",
        'src/modules/sync/deep.ts':
          "import type { A } from '../network/slots/slots.js';\nexport type B = A;\n",
        'src/modules/sync/cli.ts': "import '../../cli/server.js';\nimport './sync.spec.js';\n",
        'src/modules/txpool/pool.ts': "import '../sync/sync.js';\n",
        'src/modules/sync/sync.spec.ts': 'export {};\n',
        'src/modules/system/index.ts': 'export {};\n',
        'src/cli/server.ts': 'export {};\n',
        'src/client/index.ts': "import '../modules/system/index.js';\nimport 'rxjs';\n",
      });
      await cp(join(root, '.dependency-cruiser.cjs'), join(tree, '.dependency-cruiser.cjs'));
      await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
      const bin = join(root, 'node_modules/.bin/depcruise');
      const output = await outputOf(bin, ['--config', '.dependency-cruiser.cjs', '-T', 'json', 'src'], tree);
      const { summary } = JSON.parse(output.slice(output.indexOf('{'))) as {
        summary: { violations: { rule: { name: string }; from: string }[] };
      };
      violations = summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
    });

    it.each([
      ['no-circular', 'src/circle-a.ts'],
      ['no-unresolvable', 'src/lost.ts'],
      ['common-imports-nothing-of-ours', 'src/common/leaf.ts'],
      ['through-index', 'src/modules/sync/deep.ts'],
      ['through-index-from-outside', 'src/main.ts'],
      ['network-and-blockchain-never-meet', 'src/modules/network/slots/slots.ts'],
      ['sync-joins-network-and-blockchain', 'src/modules/sync/sync.ts'],
      ['txpool-joins-network-and-blockchain', 'src/modules/txpool/pool.ts'],
      ['modules-do-not-know-the-application', 'src/modules/sync/cli.ts'],
      ['ports-are-plain', 'src/modules/network/ports/plain.port.ts'],
      ['libp2p-stays-in-its-adapter', 'src/modules/network/slots/dialer.ts'],
      ['lmdb-stays-in-its-adapter', 'src/modules/blockchain/index.ts'],
      ['classic-level-stays-in-its-adapter', 'src/modules/blockchain/index.ts'],
      ['crypto-stays-in-crypto', 'src/modules/blockchain/chain.ts'],
      ['secp256k1-stays-in-crypto-and-the-libp2p-adapter', 'src/modules/blockchain/chain.ts'],
      ['test-oracles-stay-in-tests', 'src/modules/blockchain/chain.ts'],
      ['test-oracles-stay-in-tests', 'src/verifier/index.ts'],
      ['test-tools-stay-in-tests', 'src/modules/blockchain/chain.ts'],
      ['verifier-is-portable', 'src/verifier/index.ts'],
      ['client-has-no-server-code', 'src/client/index.ts'],
      ['no-test-code-in-src', 'src/modules/sync/cli.ts'],
    ])('%s fires', (rule, from) => {
      expect(violations).toContainEqual({ rule, from });
    });

    it('lets the portable cryptography alone', () => {
      expect(violations.filter(({ from }) => from.startsWith('src/verifier/crypto/'))).toEqual([]);
    });
  });

  describe('code rules', () => {
    let output: string;

    beforeAll(async () => {
      const tree = join(folder, 'code');
      await cp(join(root, 'biome.json'), join(tree, 'biome.json'));
      await cp(join(root, 'tooling'), join(tree, 'tooling'), { recursive: true });
      await plant(tree, {
        'src/modules/sync/planted.ts': [
          'export const now = Date.now();',
          'export const chance = Math.random();',
          'setTimeout(() => {}, 1);',
          'console.log(process.env.HOME);',
          'async function work() {}',
          'work();',
          'export const any: any = 1;',
          'export const first = [1][0]!;',
          'export const line = { first, error: errorText(first) };',
          '',
        ].join('\n'),
      });
      const bin = join(root, 'node_modules/.bin/biome');
      output = await outputOf(bin, ['ci', '--vcs-enabled=false', '--colors=off', '.'], tree);
    });

    it.each([
      'planted.ts:1:20 plugin',
      'planted.ts:2:23 plugin',
      'planted.ts:9:30 plugin',
      'lint/style/noRestrictedGlobals',
      'lint/suspicious/noConsole',
      'lint/style/noProcessEnv',
      'lint/nursery/noFloatingPromises',
      'lint/suspicious/noExplicitAny',
      'lint/style/noNonNullAssertion',
    ])('%s fires', (rule) => {
      expect(output).toContain(rule);
    });
  });
});
