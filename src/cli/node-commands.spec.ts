import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cliFixture, runCli } from '../../test/support/cli.js';
import type { LoadedSettings } from '../config/load.js';
import { parseGenesis } from '../modules/blockchain/index.js';
import type { RunNodeDeps } from '../node/run-node.js';

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
    ];
    const without = [
      ...['--jsonrpc', 'x:1', '--price-limit', '1', '--max-slots', '1', '--max-enqueued', '1'],
      ...['--access-control-allow-origins', 'a', '--access-control-allow-origins', 'b', '--relayer'],
      ...[
        '--json-rpc-batch-request-limit',
        '1',
        '--json-rpc-block-range-limit',
        '1',
        '--metrics-interval',
        '1s',
      ],
      ...[
        '--concurrent-requests-debug',
        '1',
        '--websocket-read-limit',
        '1',
        '--num-block-confirmations',
        '1',
      ],
      ...['--block-gas-target', '0x1', '--dev', '--dev-interval', '1', '--ibft-base-timeout', '1'],
    ];
    const args = ['--chain', file('genesis.json'), '--data-dir', folder, ...effective, ...without];
    await runCli(['server', ...args], { runNode });
    expect(started[0]?.warnings).toHaveLength(16);
    expect(started[0]?.settings.blockchain.seal).toBe(false);
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

describe('dev', () => {
  const dev = (args: readonly string[] = []) => runCli(['dev', '--data-dir', folder, ...args], { runNode });
  const genesisPath = () => join(folder, 'genesis.json');

  it('makes keys and a chain whose only validator and bootnode is this node', async () => {
    const run = await dev(['--block-time', '1500ms', '--chain-id', '77', '--libp2p', '127.0.0.1:4000']);
    const genesis = JSON.parse(readFileSync(genesisPath(), 'utf8'));
    const chain = parseGenesis(JSON.stringify(genesis));
    expect(chain).toMatchObject({ chainId: 77, engine: { name: 'ibft', blockTimeMs: 1_500 } });
    const [, id] = /Libp2p address = (\S+)/.exec(run.stdout) ?? [];
    expect(id).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/4000\/p2p\/16Uiu2HA/);
    expect(chain.bootnodes).toEqual([id]);
    expect(started[0]?.settings.node).toEqual({ dataDir: folder, chainPath: genesisPath() });
    expect(run).toMatchObject({ stderr: '', exitCode: 3 });
  });

  it('prints data folder, addresses and three commands to try', async () => {
    const { stdout } = await dev(['--grpc-address', '0.0.0.0:9999']);
    const [, address] = /Validator {6}= (0x[0-9a-fA-F]{40})\n/.exec(stdout) ?? [];
    expect(stdout).toContain(`Data folder    = ${folder}\n`);
    expect(address).toBeDefined();
    expect(stdout).toContain('Operator API   = 127.0.0.1:9999\n');
    expect(stdout.match(/^ {2}edgekeeper .* --grpc-address 127\.0\.0\.1:9999$/gm)).toHaveLength(3);
  });

  it('prints the port that was found where any would do', async () => {
    const { stdout } = await dev(['--grpc-address', '127.0.0.1:0']);
    expect(stdout).toContain('Operator API   = 127.0.0.1:12345\n');
  });

  it('prints nothing of a node that did not start', async () => {
    const run = await runCli(['dev', '--data-dir', folder], {
      runNode: () => Promise.reject(new Error('port taken')),
    });
    expect(run).toEqual({ stdout: '', stderr: 'port taken\n', exitCode: 1 });
  });

  it('makes no chain whose bootnode has port 0, and goes on with one on any port', async () => {
    const run = await dev(['--libp2p', '127.0.0.1:0']);
    expect(run.stderr).toMatch(/^--libp2p: .*\n$/);
    expect(run).toMatchObject({ stdout: '', exitCode: 1 });
    expect(readdirSync(folder)).toEqual([]);
    await dev();
    expect(await dev(['--libp2p', '127.0.0.1:0'])).toMatchObject({ stderr: '', exitCode: 3 });
  });

  it('leaves out the address where it is the default', async () => {
    const { stdout } = await dev();
    expect(stdout).toContain('\n  edgekeeper status\n');
  });

  it('goes on with a chain that is there', async () => {
    await dev();
    const before = ['genesis.json', 'libp2p/libp2p.key', 'consensus/validator.key'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    const run = await dev(['--block-time', '9s']);
    const after = ['genesis.json', 'libp2p/libp2p.key', 'consensus/validator.key'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    expect(after).toEqual(before);
    expect(run.stdout).toContain('[DEV CHAIN]');
    expect(started[1]?.warnings).toEqual([expect.stringContaining('--block-time')]);
  });

  it.each([
    { flags: ['--dns', 'dns4/sealer'], is: '/dns4/sealer/tcp/1478' },
    { flags: ['--nat', '10.0.0.1', '--dns', 'dns4/sealer'], is: '/ip4/10.0.0.1/tcp/1478' },
    { flags: ['--libp2p', '0.0.0.0:5'], is: '/ip4/127.0.0.1/tcp/5' },
    { flags: ['--libp2p', '10.0.0.2:5'], is: '/ip4/10.0.0.2/tcp/5' },
  ])('advertises $is', async ({ flags, is }) => {
    await dev(flags);
    expect(parseGenesis(readFileSync(genesisPath(), 'utf8')).bootnodes[0]).toContain(`${is}/p2p/`);
  });

  it('keeps the genesis file where it is told, also in a new folder', async () => {
    const path = join(folder, 'shared', 'genesis.json');
    await dev(['--chain', path]);
    expect(existsSync(path)).toBe(true);
    expect(started[0]?.settings.node.chainPath).toBe(path);
  });

  it('prints one line of JSON', async () => {
    const { stdout } = await dev(['--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      made: true,
      data_dir: folder,
      grpc_address: '127.0.0.1:9632',
    });
  });

  it('refuses a chain whose validator key is not there', async () => {
    writeFileSync(genesisPath(), '{}');
    const run = await dev();
    expect(run.stderr).toContain('no validator key');
    expect(run.exitCode).toBe(1);
    expect(started).toEqual([]);
  });

  it('names a genesis file that cannot be made', async () => {
    const run = await dev(['--chain', join(file('plain'), 'genesis.json')]);
    expect(run.stderr).toMatch(/^open .*plain\/genesis\.json: /);
  });

  it.each([
    ['--block-time', '2'],
    ['--block-time', '999ms'],
    ['--block-time', '2h'],
    ['--chain-id', '0'],
    ['--chain-id', 'x'],
    ['--chain-id', '9007199254740992'],
  ])('refuses %s %s', async (flag, value) => {
    const run = await dev([flag, value]);
    expect(run.stderr).toContain(flag);
    expect(run.exitCode).toBe(1);
    expect(existsSync(genesisPath())).toBe(false);
  });
});
