import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PackedPackage } from '../support/packed-package.js';

/** Each starts a process or more. */
const LONG_MS = 120_000;
const ENTRIES = ['edgekeeper', 'edgekeeper/client', 'edgekeeper/testing', 'edgekeeper/verifier'];

/** What is seen of the process before and after a package is loaded; a process with an open handle would not end. */
const LISTENERS = `const listeners = () => JSON.stringify(process.eventNames().map(String)
  .filter((name) => name !== 'warning').sort().map((name) => [name, process.listenerCount(name)]));`;

const CONSUMER = `import { Module } from '@nestjs/common';
import {
  CHAIN, type Chain, Edgekeeper, EdgekeeperModule, type EdgekeeperOptions, getEdgekeeperToken, TXPOOL, type TxPool,
} from 'edgekeeper';
import { type ConnectError, createOperatorClient, ErrorInfoSchema, System } from 'edgekeeper/client';
import { blockStoreContracts, InMemoryBlockStore } from 'edgekeeper/testing';
import { createVerifier } from 'edgekeeper/verifier';

export const one = EdgekeeperModule.forRoot({ name: 'one', chain: 'genesis.json', dataDir: 'one' });
export const two = EdgekeeperModule.forRootAsync({
  name: 'two',
  inject: ['X'],
  useFactory: async (dataDir: string): Promise<EdgekeeperOptions> => ({
    chain: {}, dataDir, settings: { blockchain: { store: '@org/store' }, network: { listenPort: 0 } },
  }),
});
// @ts-expect-error A setting that there is not.
EdgekeeperModule.forRoot({ chain: {}, dataDir: 'x', settings: { network: { port: 1 } } });
export const head = (chain: Chain): number | undefined => chain.head()?.number;
export const pooled = (pool: TxPool): number => pool.size();
export const reason = (error: ConnectError): string | undefined => error.findDetails(ErrorInfoSchema)[0]?.reason;
export const status = async (): Promise<bigint> =>
  (await createOperatorClient({ address: 'localhost:9632', token: 'x' }).service(System).getStatus({})).network;
export const all = [CHAIN, TXPOOL, Edgekeeper, Module, getEdgekeeperToken, createVerifier, blockStoreContracts, InMemoryBlockStore];
`;

describe('the package', () => {
  let packed: PackedPackage;
  beforeAll(async () => {
    packed = await PackedPackage.install();
  }, LONG_MS);
  afterAll(() => packed.remove());

  it.each(ENTRIES)(
    '%s is had by require() and by import, and touches nothing of the process',
    async (entry) => {
      const check =
        'if (listeners() !== before || Object.keys(it).length === 0) throw new Error(listeners());';
      const required = `${LISTENERS} const before = listeners(); const it = require('${entry}'); ${check}`;
      const imported = `${LISTENERS} const before = listeners(); const it = await import('${entry}'); ${check}`;
      expect(await packed.node(['--disable-warning=ExperimentalWarning', '-e', required])).toBe('');
      expect(await packed.node(['--input-type=module', '-e', imported])).toBe('');
    },
    LONG_MS,
  );

  it(
    'holds its license, which the program shows',
    async () => {
      expect(
        await packed.node([join(packed.folder, 'node_modules/edgekeeper/dist/main.js'), 'license']),
      ).toContain('Apache License');
    },
    LONG_MS,
  );

  it(
    'publint and attw find nothing wrong with it',
    async () => {
      await packed.node([packed.bin('publint/src/cli.js'), '--strict', packed.tarball]);
      // All of it is ES modules, which CommonJS of the Node versions that we run on may require.
      const attw = [packed.bin('@arethetypeswrong/cli/dist/index.js'), packed.tarball, '--profile', 'node16'];
      await packed.node([
        ...attw,
        '--ignore-rules',
        'cjs-resolves-to-esm',
        '--exclude-entrypoints',
        'package.json',
      ]);
    },
    LONG_MS,
  );

  it.each(['mts', 'cts'])(
    'has types for a .%s file',
    async (ending) => {
      const file = join(packed.folder, `consumer.${ending}`);
      await writeFile(file, CONSUMER);
      const options = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--target',
        'es2022',
      ];
      expect(await packed.node([packed.bin('typescript/bin/tsc'), ...options, '--types', 'node', file])).toBe(
        '',
      );
    },
    LONG_MS,
  );

  it('has the proto files', async () => {
    const proto = await packed.node(['-p', "require.resolve('edgekeeper/proto/v1/system.proto')"]);
    expect(await readFile(proto.trim(), 'utf8')).toContain('service System');
  });

  describe('examples', () => {
    it.each(['main.mjs', 'main.cjs'])(
      'embed: %s runs two nodes and ends',
      async (main) => {
        const folder = await packed.withExample('embed');
        const output = await packed.node(['--disable-warning=ExperimentalWarning', join(folder, main), '2']);
        const heads = output.trimEnd().split('\n').toSorted();
        expect(heads.map((line) => line.replace(/0x[0-9a-f]{64}$/, 'HASH'))).toEqual([
          'blue 1001: 0 HASH',
          'blue 1001: 1 HASH',
          'green 1002: 0 HASH',
          'green 1002: 1 HASH',
        ]);
      },
      LONG_MS,
    );

    it(
      'custom-module: its store and its service are used',
      async () => {
        const folder = await packed.withExample('custom-module');
        await packed.link('@example/audited-store', join(folder, 'audited-store'));
        const data = join(packed.folder, 'data');
        expect(await packed.node([join(folder, 'main.js'), data, '2'])).toBe(
          '+ 1 by sealer\n+ 2 by sealer\n',
        );
        const changes = await readFile(join(data, 'edgekeeper/blocks/changes.log'), 'utf8');
        expect(changes).toBe('append 0\nappend 1\nappend 2\n');
      },
      LONG_MS,
    );

    it(
      'custom-module: its store passes the contract suite',
      async () => {
        const folder = await packed.withExample('custom-module');
        await packed.link('@example/audited-store', join(folder, 'audited-store'));
        const env = { NODE_OPTIONS: '--experimental-vm-modules', CI: 'true' };
        const output = await packed.node([packed.bin('jest/bin/jest.js'), '--rootDir', folder], env, folder);
        expect(output).toMatch(/^Tests: +\d+ passed, \d+ total$/m);
      },
      LONG_MS,
    );
  });
});
