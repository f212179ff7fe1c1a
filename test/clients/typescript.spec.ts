import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { codeBlocks, root } from '../support/doc-pages.js';
import { printedUntil } from '../support/printed-until.js';
import { servedChain } from '../support/served-chain.js';

// Within the package, where `edgekeeper/client` names what it exports.
const folder = resolve(root, '.cache/clients/typescript');

/** docs/clients/typescript.md is run as it stands, with another port. */
describe('a client in TypeScript', () => {
  const served = servedChain();
  const [snippet = ''] = codeBlocks('docs/clients/typescript.md', 'js');

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  });

  it('reads the status, sees why a request is refused, and follows the chain', async () => {
    const file = resolve(folder, 'client.mjs');
    writeFileSync(file, snippet.replace('127.0.0.1:9632', served.address));
    const lines = await printedUntil('added', { command: process.execPath, args: [file], cwd: folder });

    expect(lines[0]).toMatch(/^chain 7331 at \d+, checked: seals of the voted set$/);
    expect(lines[1]).toBe("InvalidArgument SYSTEM.REQUEST_INVALID [ 'PeersStatusRequest.Id' ]");
    expect(lines[2]).toMatch(/^request validation failed: invalid PeersStatusRequest.Id: /);
    expect(lines[3]).toBe('peers 0');
    expect(lines.at(-1)).toMatch(/^added \[ \d+n \] removed 0$/);
  });
});
