import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type DynamicModule, type InjectionToken, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { root } from '../../test/support/doc-pages.js';
import * as library from '../index.js';
import { EdgekeeperModule } from './edgekeeper.module.js';
import type { EdgekeeperAsyncOptions, EdgekeeperOptions, Named } from './edgekeeper.options.js';
import { getEdgekeeperToken } from './edgekeeper-token.js';

/** Given by JavaScript. */
const forRoot = (options?: unknown) => EdgekeeperModule.forRoot(options as EdgekeeperOptions & Named);
const forRootAsync = (options?: unknown) => EdgekeeperModule.forRootAsync(options as EdgekeeperAsyncOptions);

/** Which faults a host with these modules is refused with; the options that its nodes are given here open none. */
async function faultsOf(...imports: DynamicModule[]): Promise<{ source: string; text: string }[]> {
  const error = await Test.createTestingModule({ imports })
    .compile()
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(error).toMatchObject({ code: 'CONFIG.INVALID' });
  return (error as { detail: { faults: { source: string; text: string }[] } }).detail.faults;
}

describe(EdgekeeperModule.name, () => {
  it.each([undefined, 'a'])('has what its page says comes out, for a node named %s', (name) => {
    const page = readFileSync(resolve(root, 'docs/embedding.md'), 'utf8');
    const [, sentence = ''] = /Only ([^.]*) come out/.exec(page) ?? [];
    const names = [...sentence.matchAll(/`(\w+)`/g)].map(([, port = '']) => port);
    expect(names).toContain('CHAIN');
    const exported = new Map<string, unknown>(Object.entries(library));
    expect(names.filter((port) => !exported.has(port))).toEqual([]);
    const tokens = names.map((port) => getEdgekeeperToken(exported.get(port) as InjectionToken, name));
    const { exports = [] } = forRoot({ name });
    expect(new Set(exports)).toEqual(new Set(tokens));
  });

  describe('nodes of one application', () => {
    const noNode = { chain: '/nowhere/genesis.json', dataDir: '' };
    const sameName = (what: string) => [
      { source: 'name', text: `name: 2 nodes of this application have ${what}; give each a name of its own` },
    ];

    it.each([
      { name: 'have no name', names: [undefined, undefined, 'other'], what: 'no name' },
      { name: 'have the name of one without', names: ['other', undefined, 'default'], what: 'no name' },
      { name: 'have the same name', names: ['a', 'other', 'a'], what: 'the name "a"' },
    ])('are refused when two $name, before any is made', async ({ names, what }) => {
      const nodes = names.map((name) => forRoot({ ...noNode, name }));
      expect(await faultsOf(...nodes)).toEqual(sameName(what));
    });

    it('are found in whatever module of the host they are', async () => {
      class Feature {}
      Module({ imports: [forRootAsync({ name: 'a', useFactory: () => noNode })] })(Feature);
      expect(await faultsOf({ module: Feature }, forRoot({ ...noNode, name: 'a' }))).toEqual(
        sameName('the name "a"'),
      );
    });

    it('are one when one module is imported in two places', async () => {
      const node = forRoot(noNode);
      class Feature {}
      Module({ imports: [node] })(Feature);
      expect(await faultsOf(node, { module: Feature })).toMatchObject([{ source: 'node.dataDir' }]);
    });
  });

  describe('options that are none', () => {
    it.each([
      { name: 'forRoot without any', module: () => forRoot(), sources: ['chain', 'node.dataDir'] },
      {
        name: 'a mistyped one beside those of forRoot',
        module: () => forRoot({ name: 'a', chain: 'x', dataDir: 'x', setings: {} }),
        sources: ['options'],
      },
      { name: 'forRootAsync without any', module: () => forRootAsync(), sources: ['options'] },
      {
        name: 'a mistyped one beside those of forRootAsync',
        module: () => forRootAsync({ useFactory: () => ({}), inject: ['UNKNOWN'], import: [] }),
        sources: ['options'],
      },
      { name: 'no factory', module: () => forRootAsync({ name: 'a' }), sources: ['useFactory'] },
      ...[undefined, null, 5, 'x', []].map((given) => ({
        name: `a factory that gives ${JSON.stringify(given)}`,
        module: () => forRootAsync({ useFactory: async () => given }),
        sources: ['options', 'node.dataDir'],
      })),
      {
        name: 'a name from a factory',
        module: () => forRootAsync({ useFactory: () => ({ name: 'a', chain: 'x', dataDir: 'x' }) }),
        sources: ['options'],
      },
    ])('refuses $name', async ({ module, sources }) => {
      const faults = await faultsOf(module());
      expect(faults.map(({ source }) => source)).toEqual(sources);
    });
  });
});
