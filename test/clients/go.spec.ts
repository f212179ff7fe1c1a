import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import { cliFixture, runCli } from '../support/cli.js';
import { codeBlocks, root } from '../support/doc-pages.js';
import { printedUntil } from '../support/printed-until.js';
import { servedChain } from '../support/served-chain.js';
import { aSigned } from '../support/signed-transactions.js';
import { goClientBinary } from './build-clients.mjs';

const run = promisify(execFile);
const module_ = resolve(root, 'test/clients/go-client');
const NOBODY = '16Uiu2HAmEyfzDtR3UxJkL4vXTGdiwk5yNGfWbMtXvz8cAwoAtbGm';
const CANDIDATE = '0xD216153c06E857cD7f72665E0aF1d7D82172F494';

describe('clients in Go', () => {
  const served = servedChain();
  const go = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await run(goClientBinary, [served.address, ...args]);
    return JSON.parse(stdout);
  };
  const ours = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await runCli([...args, '--grpc-address', served.address, '--json']);
    return JSON.parse(stdout);
  };

  it('the page is run as it stands, with another port and module', async () => {
    const folder = resolve(root, '.cache/clients');
    mkdirSync(folder, { recursive: true });
    const file = resolve(folder, 'client.go');
    const [snippet = ''] = codeBlocks('docs/clients/go.md', 'go');
    const code = snippet
      .replace('127.0.0.1:9632', served.address)
      .replace('example.org/app', 'edgekeeper.test/go-client');
    writeFileSync(file, code);
    const lines = await printedUntil('added', { command: 'go', args: ['run', file], cwd: module_ });

    expect(lines[0]).toMatch(/^chain 7331 at \d+, checked: seals of the voted set$/);
    expect(lines[1]).toMatch(/^InvalidArgument request validation failed: invalid PeersStatusRequest.Id: /);
  });

  it('the page configures buf as the stubs here were made', () => {
    const [page = ''] = codeBlocks('docs/clients/go.md', 'yaml');
    const used = readFileSync(resolve(module_, 'buf.gen.yaml'), 'utf8').replace(/^#.*\n/, '');
    expect(page.replaceAll('example.org/app', 'edgekeeper.test/go-client')).toBe(used);
  });

  // What a Go program gets through its stubs is what our command line shows, in the shape that the Go client's has.
  it.each([
    { name: 'status', go: ['status'], ours: ['status'], fixture: 'status.json.txt' },
    { name: 'peers list', go: ['peers-list'], ours: ['peers', 'list'], fixture: 'peers-list.json.txt' },
    { name: 'ibft status', go: ['ibft-status'], ours: ['ibft', 'status'], fixture: 'ibft-status.json.txt' },
    {
      name: 'ibft snapshot',
      go: ['ibft-snapshot', '1'],
      ours: ['ibft', 'snapshot', '--number', '1'],
      fixture: 'ibft-snapshot.json.txt',
    },
    {
      name: 'ibft candidates',
      go: ['ibft-candidates'],
      ours: ['ibft', 'candidates'],
      fixture: 'ibft-candidates.json.txt',
    },
    {
      name: 'txpool status',
      go: ['txpool-status'],
      ours: ['txpool', 'status'],
      fixture: 'txpool-status.json.txt',
    },
    {
      name: 'peers status',
      go: ['peers-status', NOBODY],
      ours: ['peers', 'status', '--peer-id', NOBODY],
      fixture: 'peers-status.json.txt',
    },
  ])('$name', async ({ go: args, ours: command, fixture }) => {
    const height = (result: object) => ({ ...result, current_block_number: 0, current_block_hash: '' });
    const answer = await go(...args);
    expect(Object.keys(answer).toSorted()).toEqual(
      Object.keys(JSON.parse(cliFixture(fixture).stdout)).toSorted(),
    );
    expect(height(answer)).toEqual(height((await ours(...command)) as object));
  });

  it('adds peers, and hears why one is refused', async () => {
    const answer = await go('peers-add', `/ip4/127.0.0.1/tcp/1/p2p/${NOBODY}`, 'nowhere');
    expect(answer).toMatchObject({ num_requested: 2, num_added: 1 });
    expect(answer.errors).toEqual([
      expect.stringMatching(
        /code = InvalidArgument desc = request validation failed: invalid PeersAddRequest.Id/,
      ),
    ]);
  });

  it('hands over a transaction, and hears why another is refused', async () => {
    const { raw: bytes, hash: wanted } = aSigned({ chainId: 7_331 });
    const raw = toHex(bytes);
    const { tx_hash: hash } = await go('txpool-add', raw);
    expect(hash).toBe(wanted);
    expect(await go('txpool-status')).toEqual({ transactions: 1 });
    await expect(go('txpool-add', raw)).rejects.toThrow(/desc = already known/);
    await expect(go('txpool-add', '0x01')).rejects.toThrow(/code = InvalidArgument/);
  });

  it('follows the chain in the shape of monitor', async () => {
    const [line = '{}'] = cliFixture('monitor.json.txt').stdout.split('\n');
    const event = await go('monitor');
    expect(event).toEqual({ events: { added: [expect.anything()], removed: [] } });
    const [added] = (event.events as { added: object[] }).added;
    expect(Object.keys(added ?? {}).toSorted()).toEqual(
      Object.keys(JSON.parse(line).events.added[0]).toSorted(),
    );
  });

  it('reads blocks one by one and all at once', async () => {
    const raw = (await served.node.chain.rawBlock(1)) ?? new Uint8Array();
    expect(await go('block', '1')).toEqual({ data: toHex(raw) });
    expect((await go('export')).to).toBeGreaterThanOrEqual(1);
    await expect(go('block', '999999')).rejects.toThrow(/code = NotFound desc = block #999999 not found/);
  });

  // The last: the one validator's vote is enough, and then the chain waits for a second one.
  it('votes, and hears why a vote is refused', async () => {
    await expect(go('ibft-propose', CANDIDATE, 'drop')).rejects.toThrow(
      /cannot remove a validator if they're not in the snapshot/,
    );
    expect(await go('ibft-propose', CANDIDATE, 'auth')).toEqual({});
  });
});
