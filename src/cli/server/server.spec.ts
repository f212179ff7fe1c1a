import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cliFixture, runCli } from '../../../test/support/cli.js';
import type { LoadedSettings } from '../../config/load.js';
import type { RunNodeDeps } from '../../node/run-node.js';

let folder: string;
let started: LoadedSettings[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-cli-node-'));
  started = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const runNode = (loaded: LoadedSettings, { onStarted }: RunNodeDeps) => {
  started.push(loaded);
  const { grpcHost, grpcPort } = loaded.settings.system;
  onStarted?.({ libp2pAddress: undefined, operatorAddress: `${grpcHost}:${grpcPort || 12_345}` });
  return Promise.resolve(3);
};

const file = (name: string, content = '{}') => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('server', () => {
  it('runs a node with the settings that were given and exits as it says', async () => {
    const args = [
      '--chain',
      file('genesis.json'),
      '--data-dir',
      folder,
      '--no-discover',
      '--max-peers',
      '10',
      '--json',
    ];
    const run = await runCli(['server', ...args, '--grpc', '127.0.0.1:7'], { runNode });
    expect(run).toEqual({ stdout: '', stderr: '', exitCode: 3 });
    expect(started[0]?.settings).toMatchObject({
      node: { dataDir: folder },
      network: { discovery: false, maxInboundPeers: 8, maxOutboundPeers: 2 },
      system: { grpcPort: 7 },
      telemetry: { logFormat: 'json' },
    });
  });

  it('hands clock, chance and interruption to the node', async () => {
    const interruption = new AbortController();
    let given: RunNodeDeps | undefined;
    await runCli(['server', '--chain', file('genesis.json'), '--data-dir', folder], {
      signal: interruption.signal,
      runNode: (_, deps) => {
        given = deps;
        return Promise.resolve(0);
      },
    });
    expect(given?.signal).toBe(interruption.signal);
    expect(given).toMatchObject({ clock: expect.anything(), random: expect.anything() });
  });

  it('takes every flag of the Go client and warns of those without effect', async () => {
    const effective = [
      '--seal=false',
      '--restore',
      'b.dat',
      '--prometheus',
      ':0',
      '--nat',
      '1.2.3.4',
      '--log-level=WARN',
      ...['--price-limit', '1', '--max-slots', '2', '--max-enqueued', '3'],
      ...['--jsonrpc', 'x:1', '--access-control-allow-origins', 'a', '--access-control-allow-origins', 'b'],
      ...['--json-rpc-batch-request-limit', '1', '--websocket-read-limit', '100'],
    ];
    const without = [
      '--relayer',
      ...['--json-rpc-block-range-limit', '1', '--metrics-interval', '1s'],
      ...['--concurrent-requests-debug', '1', '--num-block-confirmations', '1'],
      ...['--block-gas-target', '0x1', '--dev', '--dev-interval', '1', '--ibft-base-timeout', '1'],
    ];
    const args = ['--chain', file('genesis.json'), '--data-dir', folder, ...effective, ...without];
    await runCli(['server', ...args], { runNode });
    expect(started[0]?.warnings).toHaveLength(9);
    expect(started[0]?.settings).toMatchObject({
      blockchain: { seal: false },
      txpool: { priceLimit: 1, maxSlots: 2, maxPerSender: 3 },
    });
  });

  it('prints server-no-chain.txt', async () => {
    const run = await runCli(['server', '--chain', 'missing.json', '--data-dir', 's1'], { runNode });
    // The Go client says it twice, with its usage in between.
    const [, said] = cliFixture('server-no-chain.txt').stderr.split('\n\n');
    expect(run).toEqual({ stdout: '', stderr: said, exitCode: 1 });
    expect(started).toEqual([]);
  });

  it('says all that is wrong on one line', async () => {
    const run = await runCli(['server', '--libp2p', 'x', '--max-peers', 'y']);
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    for (const part of ['--libp2p', '--max-peers', 'data directory not defined', 'genesis.json']) {
      expect(run.stderr).toContain(part);
    }
  });

  it('starts no node when it was told to stop before', async () => {
    const args = ['server', '--chain', file('genesis.json'), '--data-dir', folder];
    const run = await runCli(args, { runNode, signal: AbortSignal.abort() });
    expect(run).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    expect(started).toEqual([]);
  });

  it('prints why a node failed', async () => {
    const args = ['server', '--chain', file('genesis.json'), '--data-dir', folder, '--json'];
    const run = await runCli(args, { runNode: () => Promise.reject(new Error('port taken')) });
    expect(run).toEqual({ stdout: '', stderr: '{"error":"port taken"}\n', exitCode: 1 });
  });
});
