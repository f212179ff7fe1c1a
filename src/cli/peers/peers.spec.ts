import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cliFixture, runCli, withoutStatus } from '../../../test/support/cli.js';
import { OperatorServer } from '../../../test/support/operator-server.js';

let server: OperatorServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const badAddress =
  'failed to parse multiaddr "/ip4/garbage": invalid value "garbage" for protocol ip4: failed to parse ip4 addr: garbage';
const peersAdd = ({ id }: { id: string }) => {
  if (id === '/ip4/garbage') throw new ConnectError(badAddress, Code.InvalidArgument);
  return { message: 'Peer address marked ready for dialing' };
};
const peer = '16Uiu2HAm6XocVi7fVj7gB9WUn6euWtRvarz2shhP6jkrf67HfK7b';

describe('peers add', () => {
  it.each([
    { fixture: 'peers-add.txt', flags: [`--addr=/ip4/127.0.0.1/tcp/9001/p2p/${peer}`], exitCode: 0 },
    { fixture: 'peers-add-bad.txt', flags: ['--addr', '/ip4/garbage'], exitCode: 1 },
    {
      fixture: 'peers-add.json.txt',
      flags: ['--addr', `/ip4/127.0.0.1/tcp/9002/p2p/${peer}`, '--addr', '/ip4/garbage', '--json'],
      exitCode: 1,
    },
  ])('prints $fixture', async ({ fixture, flags, exitCode }) => {
    server = await OperatorServer.start({ peersAdd });
    const run = await runCli(['peers', 'add', ...flags, '--grpc-address', server.address]);
    expect(withoutStatus(run.stdout)).toBe(withoutStatus(cliFixture(fixture).stdout));
    expect(run).toMatchObject({ stderr: '', exitCode });
  });

  it('wants an address', async () => {
    const run = await runCli(['peers', 'add']);
    expect(run).toEqual({ stdout: '', stderr: 'at least 1 peer address is required\n', exitCode: 1 });
  });

  it('fails when the node is not there', async () => {
    const gone = await OperatorServer.start({});
    await gone.stop();
    const run = await runCli(['peers', '--grpc-address', gone.address, 'add', '--addr', '/x']);
    expect(run.stderr).toContain('connection refused');
    expect(run).toMatchObject({ stdout: '', exitCode: 1 });
  });
});

describe('peers list', () => {
  const ids = [
    '16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB',
    '16Uiu2HAmDKXWkEiqpChegmuoFuAznvPTZCuKGbHkmzanvfTVhtUh',
    '16Uiu2HAmUGmWxRQfRQoqSRNbLcT4c5NgaM1PiyHHCrh5MyBrubnn',
    '16Uiu2HAmP7gENq4WJYhMUHt5P3Q7HEQidSHcjbpDnZHjkgAbTtAM',
  ];

  it.each([
    { fixture: 'peers-list.txt', flags: [] },
    { fixture: 'peers-list.json.txt', flags: ['--json'] },
  ])('prints $fixture', async ({ fixture, flags }) => {
    server = await OperatorServer.start({ peersList: () => ({ peers: ids.map((id) => ({ id })) }) });
    const run = await runCli(['peers', 'list', '--grpc-address', server.address, ...flags]);
    expect(run).toEqual({ stdout: cliFixture(fixture).stdout, stderr: '', exitCode: 0 });
  });

  it.each([
    { flags: [], stdout: '\n[PEERS LIST]\nNo peers found\n\n' },
    { flags: ['--json'], stdout: '{"peers":[]}\n' },
  ])('says that there are none: %j', async ({ flags, stdout }) => {
    server = await OperatorServer.start({ peersList: () => ({}) });
    expect((await runCli(['peers', 'list', '--grpc-address', server.address, ...flags])).stdout).toBe(stdout);
  });
});

describe('peers status', () => {
  const known = '16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB';
  const addrs = ['/ip4/127.0.0.1/tcp/21011'];
  const protocols = [
    '/syncer/0.2',
    '/disc/0.1',
    '/id/0.1',
    '/ipfs/id/1.0.0',
    '/ipfs/id/push/1.0.0',
    '/libp2p/circuit/relay/0.2.0/stop',
    '/meshsub/1.0.0',
    '/meshsub/1.1.0',
    '/floodsub/1.0.0',
    '/ipfs/ping/1.0.0',
  ];
  const inTextFixture = [...protocols.slice(1), ...protocols.slice(0, 1)];

  it.each([
    { fixture: 'peers-status.txt', flags: [], answer: { id: known, protocols: inTextFixture, addrs } },
    { fixture: 'peers-status.json.txt', flags: ['--json'], answer: { id: known, protocols, addrs } },
    {
      fixture: 'peers-status-unknown.txt',
      flags: [],
      answer: { id: peer, addrs: ['/ip4/127.0.0.1/tcp/9001'] },
    },
  ])('prints $fixture', async ({ fixture, flags, answer }) => {
    const asked: string[] = [];
    server = await OperatorServer.start({
      peersStatus: ({ id }) => {
        asked.push(id);
        return answer;
      },
    });
    const run = await runCli([
      'peers',
      'status',
      '--peer-id',
      answer.id,
      '--grpc-address',
      server.address,
      ...flags,
    ]);
    expect(run).toEqual({ stdout: cliFixture(fixture).stdout, stderr: '', exitCode: 0 });
    expect(asked).toEqual([answer.id]);
  });

  it('prints empty lists as the Go client does', async () => {
    server = await OperatorServer.start({ peersStatus: ({ id }) => ({ id }) });
    const run = await runCli([
      'peers',
      'status',
      '--peer-id',
      peer,
      '--grpc-address',
      server.address,
      '--json',
    ]);
    expect(run.stdout).toBe(`{"id":"${peer}","protocols":null,"addresses":null}\n`);
  });

  it('prints peers-status-bad.txt', async () => {
    server = await OperatorServer.start({
      peersStatus: () => {
        throw new ConnectError(
          'failed to parse peer ID: invalid cid: selected encoding not supported',
          Code.InvalidArgument,
        );
      },
    });
    const run = await runCli([
      'peers',
      'status',
      '--peer-id',
      'nope',
      '--grpc-address',
      server.address,
      '--json',
    ]);
    expect(withoutStatus(run.stderr)).toBe(withoutStatus(cliFixture('peers-status-bad.txt').stderr));
    expect(run).toMatchObject({ stdout: '', exitCode: 1 });
  });

  it('wants a peer ID', async () =>
    expect(await runCli(['peers', 'status', '--json'])).toEqual({
      stdout: '',
      stderr: '{"error":"required flag(s) \\"peer-id\\" not set"}\n',
      exitCode: 1,
    }));
});
