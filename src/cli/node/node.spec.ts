import { afterEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../test/support/cli.js';
import { OperatorServer } from '../../../test/support/operator-server.js';
import { Activity, LogLevel } from '../../gen/edgekeeper/v1/node_pb.js';

let server: OperatorServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe('node pause and resume', () => {
  it('names what is to be paused, and shows what is', async () => {
    const asked: unknown[] = [];
    const pause = ({ activities }: { activities: Activity[] }) => {
      asked.push(activities);
      return { paused: [Activity.DISCOVERY, ...activities] };
    };
    server = await OperatorServer.start({}, { node: { pause, resume: () => ({}) } });
    const address = ['--grpc-address', server.address];
    const paused = await runCli(['node', 'pause', '--activity', 'sync', '--activity', 'gossip', ...address]);
    expect(paused).toEqual({
      stdout: '\n[NODE]\nPaused = discovery, sync, gossip\n',
      stderr: '',
      exitCode: 0,
    });
    expect(asked).toEqual([[Activity.SYNC, Activity.GOSSIP]]);
    const resumed = await runCli(['node', 'resume', '--json', ...address]);
    expect(resumed.stdout).toBe('{"paused":[]}\n');
  });

  it('refuses what cannot be paused', async () => {
    const run = await runCli(['node', 'pause', '--activity', 'mining']);
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr).toContain('--activity takes discovery, sync, gossip');
  });
});

describe('node logs', () => {
  it.each([
    { flags: [], line: '1970-01-01T00:00:00.005Z [WARN]  sync: late: code=SYNC.STALLED\n' },
    {
      flags: ['--json'],
      line: '{"at_ms":5,"level":"warn","module":"sync","message":"late","fields":{"code":"SYNC.STALLED"}}\n',
    },
  ])('prints a line for each entry until it is interrupted $flags', async ({ flags, line }) => {
    const interruption = new AbortController();
    const fields = { code: 'SYNC.STALLED' };
    server = await OperatorServer.start(
      {},
      {
        node: {
          async *logs({ leastLevel, recent }, { signal }) {
            expect([leastLevel, recent]).toEqual([LogLevel.DEBUG, 3]);
            yield { atMs: 5n, level: LogLevel.WARN, module: 'sync', message: 'late', fields };
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
          },
        },
      },
    );
    const args = ['node', 'logs', '--level', 'debug', '--recent', '3', '--grpc-address', server.address];
    const { signal } = interruption;
    const run = await runCli([...args, ...flags], { signal, onStdout: () => interruption.abort() });
    expect(run).toEqual({ stdout: line, stderr: '', exitCode: 0 });
  });

  it.each([
    ['--level', 'loud'],
    ['--recent', '-1'],
  ])('refuses %s %s', async (flag, value) => {
    expect(await runCli(['node', 'logs', `${flag}=${value}`])).toMatchObject({ exitCode: 1 });
  });
});
