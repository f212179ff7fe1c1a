import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../test/support/cli.js';
import { OperatorServer } from '../../../test/support/operator-server.js';
import { Direction, PeerEvent_Type as Type } from '../../gen/edgekeeper/v1/peers_pb.js';
import { bytesText, momentText, secondsText } from '../value-texts.js';

let server: OperatorServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const id = '16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB';
const ban = { target: '10.0.0.0/8', sinceMs: 0n, untilMs: 60_000n, reason: 'spam\u001b[2J', by: 'ops' };

/** Runs a command against a server with these answers, and gives what it was asked for. */
async function run(
  args: string[],
  peers: NonNullable<Parameters<typeof OperatorServer.start>[1]>['peers'],
  options = {},
) {
  server = await OperatorServer.start({}, { peers: peers ?? {} });
  return runCli(['peers', ...args, '--grpc-address', server.address], options);
}

describe('peers ban, unban and bans', () => {
  it('bans for a time', async () => {
    const asked: unknown[] = [];
    const answer = {
      ban: (request: object) => {
        asked.push(request);
        return { ban };
      },
    };
    const args = ['ban', '--target', '10.0.0.0/8', '--ttl', '90s', '--reason', 'spam'];
    expect(await run(args, answer)).toEqual({
      stdout:
        '\n[PEER BANNED]\nTarget = 10.0.0.0/8\nSince  = 1970-01-01T00:00:00.000Z\n' +
        'Until  = 1970-01-01T00:01:00.000Z\nReason = spam?[2J\nBy     = ops\n\n',
      stderr: '',
      exitCode: 0,
    });
    expect(asked).toMatchObject([{ target: '10.0.0.0/8', ttlMs: 90_000n, reason: 'spam' }]);
  });

  it.each(['0s', '5', 'x', '1w'])('takes no ttl of %s', async (ttl) => {
    const { stderr, exitCode } = await run(['ban', '--target', 'x', '--ttl', ttl], {});
    expect(stderr).toBe(`--ttl must be a time such as 90s, 30m, 24h or 7d, not ${ttl}\n`);
    expect(exitCode).toBe(1);
  });

  it('lists bans as JSON and as text', async () => {
    const bans = [ban, { ...ban, untilMs: 0n }];
    const json = await run(['bans', '--json'], { listBans: () => ({ bans }) });
    expect(JSON.parse(json.stdout).bans).toEqual([
      { target: '10.0.0.0/8', since_ms: 0, until_ms: 60_000, reason: ban.reason, by: 'ops' },
      { target: '10.0.0.0/8', since_ms: 0, until_ms: 0, reason: ban.reason, by: 'ops' },
    ]);
    await server?.stop();
    expect((await run(['bans'], { listBans: () => ({ bans }) })).stdout).toContain('Until  = it is lifted');
    await server?.stop();
    expect((await run(['bans'], { listBans: () => ({}) })).stdout).toBe('\n[PEER BANS]\nNo bans found\n\n');
  });

  it('lifts one, and fails where there is none', async () => {
    const unban = { unban: () => ({}) };
    expect((await run(['unban', '--target', 'x', '--json'], unban)).stdout).toBe('{"target":"x"}\n');
    await server?.stop();
    const none = () => {
      throw new ConnectError('there is no ban of x', Code.NotFound);
    };
    expect(await run(['unban', '--target', 'x'], { unban: none })).toEqual({
      stdout: '',
      stderr: 'rpc error: code = NotFound desc = there is no ban of x\n',
      exitCode: 1,
    });
  });
});

describe('peers remove and trust', () => {
  it('removes', async () => {
    const { stdout } = await run(['remove', '--peer-id', id], { remove: () => ({}) });
    expect(stdout).toBe(`\n[PEER REMOVED]\nID = ${id}\n\n`);
  });

  it('trusts, and ends it', async () => {
    const asked: boolean[] = [];
    const trust = {
      trust: ({ revoke }: { revoke: boolean }) => {
        asked.push(revoke);
        return {};
      },
    };
    expect((await run(['trust', '--peer-id', id], trust)).stdout).toContain('Trusted = true');
    await server?.stop();
    const revoked = await run(['trust', '--peer-id', id, '--revoke', '--json'], trust);
    expect(JSON.parse(revoked.stdout)).toEqual({ id, trusted: false });
    expect(asked).toEqual([false, true]);
  });

  it.each([
    ['remove', 'peer-id'],
    ['trust', 'peer-id'],
    ['explain', 'peer-id'],
    ['ban', 'target'],
    ['unban', 'target'],
  ])('%s wants --%s', async (command, flag) => {
    expect(await runCli(['peers', command])).toEqual({
      stdout: '',
      stderr: `required flag(s) "${flag}" not set\n`,
      exitCode: 1,
    });
  });
});

describe('peers explain', () => {
  const cause = (code: string, text: string) => ({ code, text, atMs: 5n, subject: 's' });
  const answer = {
    explain: () => ({
      peerId: id,
      summary: 'not connected: a ← b',
      connection: {
        yes: false,
        summary: 'a ← b',
        causes: [cause('A', 'a'), cause('B', 'b'), cause('C', 'c')],
      },
      ban: { yes: false },
      syncSource: { yes: true, causes: [cause('S', 'source')] },
    }),
  };

  it('draws the chain', async () => {
    expect((await run(['explain', '--peer-id', id], answer)).stdout).toBe(
      `\n[PEER EXPLAINED]\n${id}\nnot connected: a ← b\n\nConnected: no\n  a [A]\n  └ b [B]\n    └ c [C]\n\n` +
        'Banned: no\n\nSync source: yes\n  source [S]\n\n',
    );
  });

  it('gives it as JSON', async () => {
    const { stdout } = await run(['explain', '--peer-id', id, '--json'], answer);
    expect(JSON.parse(stdout)).toMatchObject({
      id,
      connection: { yes: false, causes: [{ code: 'A', text: 'a', at_ms: 5, subject: 's' }, {}, {}] },
      ban: { yes: false, causes: [] },
      sync_source: { yes: true },
    });
  });
});

describe('peers list --details', () => {
  const peers = [
    {
      id,
      connected: true,
      directions: [Direction.INBOUND, Direction.OUTBOUND],
      ageMs: 61_000n,
      latencyMs: 1.5,
      claimedHeight: 7n,
      score: -1.25,
      traffic: { receivedBytes: 2_048n, sentBytes: 5n },
      agent: 'x\n',
      lastError: { code: 'X', text: 'x', atMs: 1n },
      quarantinedUntilMs: 9n,
    },
    { id },
  ];

  it('has a row for each', async () => {
    const { stdout } = await run(['list', '--details'], { list: () => ({ peers }) });
    expect(stdout.split('\n').map((line) => line.trimEnd().split(/ {2,}/))).toEqual([
      [''],
      ['[PEERS LIST]'],
      ['ID', 'DIRECTION', 'AGE', 'LATENCY', 'HEIGHT', 'SCORE', 'IN', 'OUT', 'AGENT'],
      [id, 'inbound+outbound', '61s', '1.5 ms', '7', '-1.3', '2.0 KiB', '5 B', 'x?'],
      [id, '-', '-', '-', '-', '0', '-', '-', '-'],
      [''],
      [''],
    ]);
  });

  it('gives all as JSON, and leaves out what is not known', async () => {
    const { stdout } = await run(['list', '--details', '--json'], { list: () => ({ peers }) });
    const [first, second] = JSON.parse(stdout).peers;
    expect(first).toMatchObject({
      latency_ms: 1.5,
      claimed_height: 7,
      received_bytes: 2_048,
      last_error: {},
    });
    expect(second).not.toHaveProperty('latency_ms');
  });

  it('says that there are none', async () => {
    const { stdout } = await run(['list', '--details'], { list: () => ({}) });
    expect(stdout).toBe('\n[PEERS LIST]\nNo peers found\n\n');
  });
});

describe('peers watch', () => {
  const cause = { code: 'NETWORK.BANNED', text: 'banned', atMs: 1n };
  const events = [
    { type: Type.CONNECTED, atMs: 1n, peerId: id, direction: Direction.INBOUND },
    { type: Type.DISCONNECTED, atMs: 1n, peerId: id, cause },
    { type: Type.SCORE_LOWERED, atMs: 1n, peerId: id, cause, points: 1, score: -1 },
    { type: Type.QUARANTINED, atMs: 1n, peerId: id, cause, untilMs: 2n },
    { type: Type.BANNED, atMs: 1n, ban },
    { type: Type.UNBANNED, atMs: 1n, target: '10.0.0.0/8' },
    { type: Type.PINNED, atMs: 1n, peerId: id, trusted: true },
    { type: Type.DIAL_QUEUED, atMs: 1n, peerId: id, address: '/ip4/1.2.3.4/tcp/1' },
  ];
  const answer = {
    async *watch(_: unknown, { signal }: { signal: AbortSignal }) {
      yield { item: { case: 'snapshot' as const, value: { peers: [{ id }] } } };
      for (const value of events) yield { item: { case: 'event' as const, value } };
      yield {};
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };

  /** Interrupts when all is printed. */
  const untilAllIsPrinted = () => {
    const interruption = new AbortController();
    const onStdout = (stdout: string) => {
      if (stdout.includes('/ip4/1.2.3.4/tcp/1')) interruption.abort();
    };
    return { signal: interruption.signal, onStdout };
  };

  it('prints who is there and each event until it is interrupted', async () => {
    const { stdout, ...rest } = await run(['watch'], answer, untilAllIsPrinted());
    expect(rest).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toContain(`\n[PEERS CONNECTED]\n[0] = ${id}\n`);
    expect(stdout).toContain(
      `\n[PEER EVENT]\nEvent     = CONNECTED\nAt        = 1970-01-01T00:00:00.001Z\nPeer      = ${id}\n` +
        'Direction = inbound\n',
    );
    expect(stdout.match(/\[PEER EVENT\]/g)).toHaveLength(events.length);
    expect(stdout).toContain('Ban   = 10.0.0.0/8 by ops: spam?[2J');
  });

  it('prints a line of JSON for each', async () => {
    const { stdout } = await run(['watch', '--json'], answer, untilAllIsPrinted());
    const [snapshot, ...lines] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(snapshot.peers).toMatchObject([{ id }]);
    expect(lines.map(({ event }) => event)).toMatchObject([
      { type: 'CONNECTED', id, direction: 'inbound' },
      { type: 'DISCONNECTED', cause: { code: 'NETWORK.BANNED' } },
      { type: 'SCORE_LOWERED', points: 1, score: -1 },
      { type: 'QUARANTINED', until_ms: 2 },
      { type: 'BANNED', ban: { by: 'ops' } },
      { type: 'UNBANNED', target: '10.0.0.0/8' },
      { type: 'PINNED', trusted: true, static: false },
      { type: 'DIAL_QUEUED', address: '/ip4/1.2.3.4/tcp/1' },
    ]);
  });

  it('fails when the node ends it', async () => {
    const failing = {
      // biome-ignore lint/correctness/useYield: it never has anything to say
      async *watch() {
        throw new ConnectError('the watcher reads too slowly', Code.ResourceExhausted);
      },
    };
    expect(await run(['watch'], failing)).toEqual({
      stdout: '',
      stderr:
        'failed to read event: rpc error: code = ResourceExhausted desc = the watcher reads too slowly\n',
      exitCode: 1,
    });
  });
});

describe('texts', () => {
  it.each([
    [0n, '0 B'],
    [1_023n, '1023 B'],
    [3n * 1_024n ** 3n, '3.0 GiB'],
    [1_024n ** 6n, '1048576.0 TiB'],
  ])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

  it.each([
    [119_000n, '119s'],
    [600_000n, '10m'],
    [7_200_000n, '2h'],
  ])('%d ms are %s', (ms, text) => expect(secondsText(ms)).toBe(text));

  it('shows a moment that no date can be as it is', () =>
    expect(momentText(2n ** 62n)).toBe(`${2n ** 62n} ms`));
});
