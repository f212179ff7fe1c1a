import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../test/support/cli.js';
import { OperatorServer } from '../../../test/support/operator-server.js';
import {
  AddPeerResponse_Stage as Stage,
  AddPeerResponse_Step as Step,
} from '../../gen/edgekeeper/v1/peers_pb.js';

let server: OperatorServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

type Answers = NonNullable<NonNullable<Parameters<typeof OperatorServer.start>[1]>['peers']>;

/** Runs a command against a server with these answers. */
async function run(args: readonly string[], peers: Answers) {
  await server?.stop();
  server = await OperatorServer.start({}, { peers });
  return runCli(['peers', ...args, '--grpc-address', server.address]);
}

const good = '/ip4/10.0.0.1/tcp/1/p2p/good';
const refused = '/ip4/10.0.0.2/tcp/1/p2p/refused';
const slow = '/ip4/10.0.0.3/tcp/1/p2p/slow';
const wrong = '/nowhere';

describe('peers add --wait', () => {
  const reason = { code: 'NETWORK.DIAL_FAILED', text: 'refused\u001b[2J' };
  const add: Answers['add'] = ({ address }) => {
    if (address === good) return { stage: Stage.CONNECTED };
    if (address === refused) return { stage: Stage.FAILED, failedAt: Step.DIAL, reason };
    if (address === slow) return { stage: Stage.DIALING, timedOut: true };
    throw new ConnectError('bad address', Code.InvalidArgument);
  };
  const all = [good, refused, slow, wrong].flatMap((address) => ['--addr', address]);

  it('tells how far each came, and fails unless all are connected', async () => {
    expect(await run(['add', '--wait', ...all], { add })).toEqual({
      stdout: [
        '\n[PEERS ADDED]\nPeers listed    = 4\nPeers connected = 1\n',
        `[PEER]\nAddress = ${good}\nStage   = connected\n`,
        `[PEER]\nAddress   = ${refused}\nStage     = failed\nFailed at = dial\nCode      = NETWORK.DIAL_FAILED`,
        'Reason    = refused?[2J\n',
        `[PEER]\nAddress = ${slow}\nStage   = dialing\nNote    = the time is over; the dial goes on\n`,
        `[PEER]\nAddress = ${wrong}\nError   = rpc error: code = InvalidArgument desc = bad address\n\n`,
      ].join('\n'),
      stderr: '',
      exitCode: 1,
    });
  });

  it('gives it as JSON', async () => {
    const { stdout, exitCode } = await run(['add', '--wait', '--json', ...all], { add });
    expect(JSON.parse(stdout)).toEqual({
      num_requested: 4,
      num_connected: 1,
      peers: [
        { address: good, stage: 'connected', timed_out: false },
        { address: refused, stage: 'failed', timed_out: false, failed_at: 'dial', reason },
        { address: slow, stage: 'dialing', timed_out: true },
        { address: wrong, error: 'rpc error: code = InvalidArgument desc = bad address' },
      ],
    });
    expect(exitCode).toBe(1);
  });

  it.each([
    { flags: [], timeoutMs: 20_000 },
    { flags: ['--timeout', '3s'], timeoutMs: 3_000 },
  ])('has the node wait: $flags', async ({ flags, timeoutMs }) => {
    const asked: unknown[] = [];
    const noting: Answers['add'] = (request) => {
      asked.push(request);
      return { stage: Stage.CONNECTED };
    };
    const { exitCode } = await run(['add', '--wait', '--addr', good, ...flags], { add: noting });
    expect(exitCode).toBe(0);
    expect(asked).toMatchObject([{ address: good, wait: true, timeoutMs }]);
  });

  it.each([
    { flags: ['--wait', '--timeout', '26s'], says: '--timeout may be up to 25s' },
    {
      flags: ['--wait', '--timeout', 'soon'],
      says: '--timeout must be a time such as 90s, 30m, 24h or 7d, not soon',
    },
    { flags: ['--timeout', '5s'], says: '--timeout needs --wait' },
    {
      flags: ['--wait', ...Array.from({ length: 16 }, () => ['--addr', good]).flat()],
      says: '--wait takes up to 16 addresses',
    },
  ])('refuses $says', async ({ flags, says }) => {
    expect(await runCli(['peers', 'add', '--addr', good, ...flags])).toEqual({
      stdout: '',
      stderr: `${says}\n`,
      exitCode: 1,
    });
  });

  it('fails when the node is not there', async () => {
    const gone = await OperatorServer.start({});
    await gone.stop();
    const { stdout, stderr, exitCode } = await runCli([
      ...['peers', 'add', '--wait', '--addr', good, '--grpc-address', gone.address],
    ]);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toContain('connection refused');
  });
});

describe('peers pin', () => {
  it('pins, and ends it', async () => {
    const asked: unknown[] = [];
    const pin: Answers['pin'] = (request) => {
      asked.push(request);
      return {};
    };
    expect(await run(['pin', '--addr', good, '--reason', 'ours'], { pin })).toEqual({
      stdout: `\n[PEER PIN]\nAddress = ${good}\nPinned  = true\n\n`,
      stderr: '',
      exitCode: 0,
    });
    const revoked = await run(['pin', '--addr', '/p2p/good', '--revoke', '--json'], { pin });
    expect(JSON.parse(revoked.stdout)).toEqual({ address: '/p2p/good', pinned: false });
    expect(asked).toMatchObject([
      { address: good, revoke: false, reason: 'ours' },
      { address: '/p2p/good', revoke: true, reason: '' },
    ]);
  });

  it('wants --addr', async () => {
    const { stderr, exitCode } = await runCli(['peers', 'pin']);
    expect([stderr, exitCode]).toEqual(['required flag(s) "addr" not set\n', 1]);
  });
});

describe('peers audit', () => {
  const entries = [
    { atMs: 5n, action: 'unban', target: '10.0.0.0/8', by: 'ops', reason: '' },
    { atMs: 0n, action: 'ban', target: '10.0.0.0/8', by: 'ops', reason: 'spam\u001b[2J' },
  ];
  const audit: Answers['audit'] = () => ({ entries });

  it('lists the acts', async () => {
    expect((await run(['audit'], { audit })).stdout).toBe(
      '\n[PEER AUDIT]\n' +
        'AT                        ACTION  TARGET      BY   REASON\n' +
        '1970-01-01T00:00:00.005Z  unban   10.0.0.0/8  ops  -\n' +
        '1970-01-01T00:00:00.000Z  ban     10.0.0.0/8  ops  spam?[2J\n\n',
    );
    expect((await run(['audit'], { audit: () => ({}) })).stdout).toBe('\n[PEER AUDIT]\nNo acts found\n\n');
  });

  it('gives them as JSON', async () => {
    const { stdout } = await run(['audit', '--json'], { audit });
    expect(JSON.parse(stdout)).toEqual({
      entries: [
        { at_ms: 5, action: 'unban', target: '10.0.0.0/8', by: 'ops', reason: '' },
        { at_ms: 0, action: 'ban', target: '10.0.0.0/8', by: 'ops', reason: 'spam\u001b[2J' },
      ],
    });
  });

  it('asks for as many as are wanted', async () => {
    const asked: number[] = [];
    const noting: Answers['audit'] = ({ limit }) => {
      asked.push(limit);
      return {};
    };
    await run(['audit'], { audit: noting });
    await run(['audit', '--limit', '1000'], { audit: noting });
    expect(asked).toEqual([0, 1_000]);
  });

  it.each(['0', '1001', '-1', 'x', ''])('takes no limit of "%s"', async (limit) => {
    const { stderr, exitCode } = await runCli(['peers', 'audit', `--limit=${limit}`]);
    expect([stderr, exitCode]).toEqual(['--limit takes 1 to 1000\n', 1]);
  });
});
