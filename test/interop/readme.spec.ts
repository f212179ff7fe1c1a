import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';
import { waitFor } from '../support/wait-for.js';
import { grpcurlBinary } from './build-go-peer.mjs';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
const blocksOf = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code = '']) => code);

/** What the README shows is run as it stands, with another port. */
describe('the README', () => {
  const validatorKey = aKey();
  let node: TestNode;

  beforeAll(async () => {
    node = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey), validatorKey });
    await waitFor(node.chain.head$, ({ number }) => number >= 1);
  });

  afterAll(() => node?.stop());

  const commands = blocksOf('sh')
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('grpcurl '));

  it('shows grpcurl', () => expect(commands.length).toBeGreaterThan(2));

  it.each(commands)('%s', async (command) => {
    const words = command.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
    const args = words.slice(1).map((word) => (word === '127.0.0.1:9632' ? node.operatorAddress : word));
    const { stdout } = await run(grpcurlBinary, args);
    if (args.at(-1) === 'list') expect(stdout.split('\n')).toContain('v1.System');
    else expect(Object.keys(JSON.parse(stdout)).length).toBeGreaterThan(0);
  });

  describe('in TypeScript', () => {
    const [snippet = ''] = blocksOf('ts');
    const folder = resolve(root, '.cache/readme');

    beforeAll(() => {
      mkdirSync(folder, { recursive: true });
    });

    it('compiles', async () => {
      const file = resolve(folder, 'snippet.ts');
      writeFileSync(file, snippet.replace('./gen/', '../../src/gen/'));
      const options = [
        '--target',
        'ES2022',
        '--module',
        'NodeNext',
        '--types',
        'node',
        '--strict',
        '--skipLibCheck',
      ];
      const tsc = resolve(root, 'node_modules/typescript/bin/tsc');
      await run(process.execPath, [tsc, '--noEmit', '--ignoreConfig', ...options, file], { cwd: root });
    });

    it('follows the chain', async () => {
      const file = resolve(folder, 'snippet.mjs');
      const code = snippet
        .replace('./gen/', '../../dist/gen/')
        .replace('127.0.0.1:9632', node.operatorAddress);
      const { code: script } = transformSync(code, {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
      });
      writeFileSync(file, script);
      const client = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines: string[] = [];
      for await (const line of createInterface({ input: client.stdout })) {
        lines.push(line);
        if (line.startsWith('added')) break;
      }
      client.kill();
      expect(lines[0]).toMatch(/^chain 7331 at \d+, checked: seals of the voted set$/);
      expect(lines.at(-1)).toMatch(/^added/);
    });
  });
});
