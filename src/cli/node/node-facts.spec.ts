import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../test/support/cli.js';
import { OperatorServer } from '../../../test/support/operator-server.js';
import { Activity, LogLevel } from '../../gen/edgekeeper/v1/node_pb.js';

let server: OperatorServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

type Answers = NonNullable<NonNullable<Parameters<typeof OperatorServer.start>[1]>['node']>;

/** Runs a command against a server with these answers. */
async function run(args: readonly string[], node: Answers) {
  await server?.stop();
  server = await OperatorServer.start({}, { node });
  return runCli(['node', ...args, '--grpc-address', server.address]);
}

const json = async (args: readonly string[], node: Answers): Promise<unknown> =>
  JSON.parse((await run([...args, '--json'], node)).stdout);

describe('node info', () => {
  const info = {
    ...{ version: '0.1.0', commit: 'abc', role: 'sealer', chainName: 'dev\u001b[2J', chainId: 100n },
    ...{ engine: 'ibft', genesisHash: '0x01', genesisTrust: 'computed', verification: 'signatures' },
    ...{ strict: true, uptimeSeconds: 61n, tail: 1n, libp2pAddress: '/ip4/127.0.0.1/tcp/1/p2p/x' },
    anchor: { kind: 'checkpoint', number: 5n, hash: '0x02' },
    peers: { inbound: 1, maxInbound: 32, outbound: 0, maxOutbound: 8 },
    sync: {
      ...{ state: 'syncing', startingHeight: 1n, currentHeight: 2n, highestHeight: 3n },
      ...{ peers: 1, blocksPerSecond: 12.34, secondsLeft: 90.4 },
    },
    degraded: ['disk is full', 'no peers'],
    paused: [Activity.SYNC],
    adapters: { store: 'lmdb', network: 'libp2p' },
  };

  it('prints rows', async () => {
    const printed = await run(['info'], { info: () => info });
    expect(printed).toMatchObject({ stderr: '', exitCode: 0 });
    expect(printed.stdout.replace(/ +=/g, ' =').split('\n')).toEqual([
      '',
      '[NODE INFO]',
      'Version = 0.1.0',
      'Commit = abc',
      'Role = sealer',
      'Uptime = 61s',
      'Libp2p Address = /ip4/127.0.0.1/tcp/1/p2p/x',
      'Parts = network=libp2p, store=lmdb',
      'Chain = dev?[2J',
      'Chain ID = 100',
      'Engine = ibft',
      'Genesis Hash = 0x01',
      'Genesis = computed',
      'Verification = signatures',
      'Verified From = checkpoint 5 0x02',
      'Strict = yes',
      'Oldest Block Kept = 1',
      'Inbound Peers = 1 of 32',
      'Outbound Peers = 0 of 8',
      'Sync = syncing',
      'Block = 2 of 3',
      'Sync Peers = 1',
      'Blocks A Second = 12.3',
      'Time Left = 90s',
      'Paused = sync',
      'Degraded = disk is full; no peers',
      '',
      '',
    ]);
  });

  it('prints JSON', async () => {
    expect(await json(['info'], { info: () => info })).toEqual({
      ...{ version: '0.1.0', commit: 'abc', role: 'sealer', chain_name: 'dev\u001b[2J', chain_id: 100 },
      ...{ engine: 'ibft', genesis_hash: '0x01', genesis: 'computed', verification: 'signatures' },
      ...{ strict: true, uptime_seconds: 61, tail: 1, libp2p_address: '/ip4/127.0.0.1/tcp/1/p2p/x' },
      anchor: { kind: 'checkpoint', number: 5, hash: '0x02' },
      peers: { inbound: 1, max_inbound: 32, outbound: 0, max_outbound: 8 },
      sync: {
        ...{ state: 'syncing', starting_height: 1, current_height: 2, highest_height: 3 },
        ...{ peers: 1, blocks_per_second: 12.34, seconds_left: 90.4 },
      },
      degraded: ['disk is full', 'no peers'],
      paused: ['sync'],
      adapters: { store: 'lmdb', network: 'libp2p' },
    });
  });

  it('leaves out what it is not told', async () => {
    expect((await run(['info'], { info: () => ({}) })).stdout).not.toMatch(/Sync|Inbound/);
    const { sync, anchor, peers } = (await json(['info'], { info: () => ({}) })) as Record<string, unknown>;
    expect([sync, anchor, peers]).toEqual([undefined, undefined, undefined]);
    const still = { sync: { state: 'idle' } };
    expect((await run(['info'], { info: () => still })).stdout).toMatch(/Time Left +=[ ]<none>/);
  });

  it('fails when the node refuses', async () => {
    const refuse = () => {
      throw new ConnectError('no credentials', Code.Unauthenticated);
    };
    for (const args of [['info'], ['config'], ['limits'], ['log-level']]) {
      const answers = { info: refuse, configuration: refuse, limits: refuse, getLogLevels: refuse };
      expect(await run(args, answers)).toEqual({
        stdout: '',
        stderr: 'rpc error: code = Unauthenticated desc = no credentials\n',
        exitCode: 1,
      });
    }
  });
});

describe('node config', () => {
  const configuration = () => ({
    settings: [
      { path: 'network.listenPort', value: '1478', origin: 'flag' },
      { path: 'network.natAddress', value: '', origin: 'default' },
      { path: 'system.token', value: '***', origin: 'env' },
    ],
  });

  it('prints each setting with who set it', async () => {
    expect(await run(['config'], { configuration })).toEqual({
      stdout:
        '\n[NODE CONFIGURATION]\nnetwork.listenPort = 1478 (flag)\nnetwork.natAddress = not set (default)\n' +
        'system.token       = *** (env)\n\n',
      stderr: '',
      exitCode: 0,
    });
  });

  it('gives values as what they are in JSON', async () => {
    expect(await json(['config'], { configuration })).toEqual({
      settings: [
        { path: 'network.listenPort', value: 1478, origin: 'flag' },
        { path: 'network.natAddress', value: null, origin: 'default' },
        { path: 'system.token', value: '***', origin: 'env' },
      ],
    });
  });
});

describe('node limits', () => {
  const limits = () => ({
    rows: [
      { name: 'buffers', used: 2_048n, limit: 1_048_576n, refused: 0n, unit: 'bytes' },
      { name: 'streams', used: 3n, limit: 0n, refused: 7n, unit: 'streams' },
    ],
  });

  it('prints a row for each', async () => {
    expect(await run(['limits'], { limits })).toEqual({
      stdout:
        '\n[NODE LIMITS]\nLIMIT    USED     OF        REFUSED  UNIT\n' +
        'buffers  2.0 KiB  1.0 MiB   0        bytes\nstreams  3        no limit  7        streams\n\n',
      stderr: '',
      exitCode: 0,
    });
  });

  it('prints JSON', async () => {
    expect(await json(['limits'], { limits })).toEqual({
      limits: [
        { name: 'buffers', used: 2_048, limit: 1_048_576, refused: 0, unit: 'bytes' },
        { name: 'streams', used: 3, limit: null, refused: 7, unit: 'streams' },
      ],
    });
  });
});

describe('node log-level', () => {
  const modules = { sync: LogLevel.OFF, network: LogLevel.DEBUG, later: 9 as LogLevel };
  const levels = { all: LogLevel.INFO, modules };

  it('shows what is written', async () => {
    const printed = await run(['log-level'], { getLogLevels: () => levels });
    expect(printed).toEqual({
      stdout: '\n[LOG LEVELS]\nall     = info\nlater   = 9\nnetwork = debug\nsync    = off\n\n',
      stderr: '',
      exitCode: 0,
    });
    expect(await json(['log-level'], { getLogLevels: () => levels })).toEqual({
      all: 'info',
      modules: { later: '9', network: 'debug', sync: 'off' },
    });
  });

  it.each([
    { flags: ['--level', 'off'], asks: { level: LogLevel.OFF, module: '' } },
    { flags: ['--level', 'debug', '--module', 'sync'], asks: { level: LogLevel.DEBUG, module: 'sync' } },
    {
      flags: ['--level', 'default', '--module', 'sync'],
      asks: { level: LogLevel.UNSPECIFIED, module: 'sync' },
    },
  ])('changes it: $flags', async ({ flags, asks }) => {
    const asked: unknown[] = [];
    const setLogLevel: Answers['setLogLevel'] = (request) => {
      asked.push(request);
      return levels;
    };
    expect((await run(['log-level', ...flags], { setLogLevel })).stdout).toContain('all     = info\n');
    expect(asked).toMatchObject([asks]);
  });

  it.each([
    {
      flags: ['--level', 'loud'],
      says: '--level takes debug, info, warn, error, off, and default for a module',
    },
    {
      flags: ['--level', 'constructor'],
      says: '--level takes debug, info, warn, error, off, and default for a module',
    },
    { flags: ['--level', 'default'], says: '--level default needs --module' },
    { flags: ['--module', 'sync'], says: '--module needs --level' },
  ])('refuses $flags', async ({ flags, says }) => {
    expect(await runCli(['node', 'log-level', ...flags])).toEqual({
      stdout: '',
      stderr: `${says}\n`,
      exitCode: 1,
    });
  });
});
