import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import { codeBlocks, commandsOf, root } from '../support/doc-pages.js';
import { printedUntil } from '../support/printed-until.js';
import { servedChain } from '../support/served-chain.js';
import { grpcurlBinary } from './build-go-peer.mjs';

const run = promisify(execFile);

/** What the README shows is run as it stands, with another port. */
describe('the README', () => {
  const served = servedChain();
  const commands = commandsOf('README.md', 'grpcurl');

  it('shows grpcurl', () => expect(commands.length).toBeGreaterThan(2));

  it.each(commands)('%s', async (command) => {
    const words = command.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
    const args = words.slice(1).map((word) => (word === '127.0.0.1:9632' ? served.address : word));
    const { stdout } = await run(grpcurlBinary, args);
    if (args.at(-1) === 'list') expect(stdout.split('\n')).toContain('v1.System');
    else expect(Object.keys(JSON.parse(stdout)).length).toBeGreaterThan(0);
  });

  describe('in TypeScript', () => {
    const [snippet = ''] = codeBlocks('README.md', 'ts');
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
      const code = snippet.replace('./gen/', '../../dist/gen/').replace('127.0.0.1:9632', served.address);
      const { code: script } = transformSync(code, {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
      });
      writeFileSync(file, script);
      const lines = await printedUntil('added', { command: process.execPath, args: [file], cwd: root });
      expect(lines[0]).toMatch(/^chain 7331 at \d+, checked: seals of the voted set$/);
      expect(lines.at(-1)).toMatch(/^added/);
    });
  });
});
