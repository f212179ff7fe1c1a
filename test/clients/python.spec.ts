import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { codeBlocks, commandsOf, root } from '../support/doc-pages.js';
import { printedUntil } from '../support/printed-until.js';
import { servedChain } from '../support/served-chain.js';
import { pythonPackages } from './build-clients.mjs';

const run = promisify(execFile);
const folder = resolve(root, '.cache/clients/python');
const env = { PYTHONPATH: pythonPackages };

/** docs/clients/python.md is run as it stands, with another port. */
describe('a client in Python', () => {
  const served = servedChain();
  const stubs = commandsOf('docs/clients/python.md', 'python3').find((line) =>
    line.includes('grpc_tools.protoc'),
  );
  const [snippet = ''] = codeBlocks('docs/clients/python.md', 'python');

  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(resolve(folder, 'gen'), { recursive: true });
    const [python = '', ...args] = (stubs ?? '')
      .replace('-I proto', `-I ${resolve(root, 'proto')}`)
      .split(' ');
    await run(python, args, { cwd: folder, env: { ...process.env, ...env } });
  });

  it('reads the status, sees why a request is refused, and follows the chain', async () => {
    const file = resolve(folder, 'client.py');
    writeFileSync(file, snippet.replace('127.0.0.1:9632', served.address));
    const lines = await printedUntil('added', { command: 'python3', args: [file], cwd: folder, env });

    expect(lines[0]).toMatch(/^chain 7331 at \d+, checked: seals of the voted set$/);
    expect(lines[1]).toMatch(/^INVALID_ARGUMENT request validation failed: invalid PeersStatusRequest.Id: /);
    expect(lines.at(-1)).toMatch(/^added \[\d+\] removed 0$/);
  });
});
