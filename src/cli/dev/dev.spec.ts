import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../test/support/cli.js';
import type { LoadedSettings } from '../../config/load.js';
import { parseGenesis } from '../../modules/blockchain/index.js';
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

  it.each([
    { type: 'ecdsa', files: ['validator-2.key', 'validator-3.key', 'validator.key'] },
    {
      type: 'bls',
      files: [
        ...['validator-2.key', 'validator-3.key', 'validator-bls-2.key', 'validator-bls-3.key'],
        ...['validator-bls.key', 'validator.key'],
      ],
    },
  ])('makes a chain of three validators with $type keys, all here', async ({ type, files }) => {
    const run = await dev(['--validators', '3', '--ibft-validator-type', type, '--json']);
    const { validators } = JSON.parse(run.stdout) as {
      validators: { address: string; bls_pubkey?: string }[];
    };
    expect(readdirSync(join(folder, 'consensus')).sort()).toEqual(files);
    const chain = parseGenesis(readFileSync(genesisPath(), 'utf8'));
    expect(chain.engine).toMatchObject({ forks: [{ type: 'PoA', validatorType: type }] });
    const extra = Buffer.from(chain.genesis.extraData).toString('hex');
    for (const { address, bls_pubkey: blsKey = '' } of validators) {
      expect(extra).toContain(address.slice(2).toLowerCase());
      expect(blsKey).toHaveLength(type === 'bls' ? 98 : 0);
      expect(extra).toContain(blsKey.slice(2));
    }
    expect(validators).toHaveLength(3);
  });

  it('makes more keys for a chain that is there, of its kind, to be voted in', async () => {
    await dev(['--ibft-validator-type', 'bls']);
    const before = readFileSync(genesisPath(), 'utf8');
    const run = await dev(['--validators', '2', '--ibft-validator-type', 'ecdsa']);
    expect(readFileSync(genesisPath(), 'utf8')).toBe(before);
    expect(run.stdout).toMatch(/Validator {6}= 0x\w{40}:0x\w{96}\nValidator 2 {4}= 0x\w{40}:0x\w{96}\n/);
    expect(started[1]?.warnings).toEqual([expect.stringContaining('--ibft-validator-type')]);
    expect((await dev()).stdout).toContain('Validator 2');
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
    ['--validators', '0'],
    ['--validators', '101'],
    ['--validators', 'x'],
    ['--ibft-validator-type', 'rsa'],
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
