import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cliFixture, runCli } from '../../../test/support/cli.js';
import { OperatorServer } from '../../../test/support/operator-server.js';

let server: OperatorServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const texts: readonly [number, string][] = [
  [320, '0x0100606cc9e63fc135452f458fcd33e17a650ff01b23c715d5d9bf833e1c2a86'],
  [321, '0x903de7db55ce422bdbc85d73f388729ed22fc4c9a75bb613244aed94b39599f5'],
  [322, '0x573be8776ef17d4f8fff2b533b69a7a9d11a2261a7ef7c4903cfdf2bbfb23438'],
  [323, '0x013f8077610eddbc6f1922455ca25a621987c94edc4449a954c24bb2bae5adb3'],
];
const jsons: readonly [number, string][] = [
  [324, '0xa4fed4304251cb39bbe5237e1fd45e9f73191d2a490b3cc969464f5fc5989180'],
  [325, '0xd74f650baf6209654bf0ab6e9b19f738019219946b081a8154df3c60c66bc62b'],
  [326, '0x8a5a9b3c27a5026b11431fa838ee094adf5e060c80f1323d43741fd8a6efee63'],
  [327, '0x5fa32bbdbb3a8b6e94be0be35f9be1c4bc19dab80415b4158fc55f1a45b746f0'],
];

const added = ([number, hash]: readonly [number, string]) => ({ added: [{ number: BigInt(number), hash }] });

/** Without the repetition of the last event that the Go client prints when it ends. */
function withoutRepetition(stdout: string, separator: string): string {
  const parts = stdout.split(separator);
  const [last, before] = [parts.at(-1)?.trimEnd(), parts.at(-2)?.trimEnd()];
  expect(last).toBe(before);
  return `${parts.slice(0, -1).join(separator).trimEnd()}\n`;
}

describe('monitor', () => {
  it.each([
    { fixture: 'monitor.txt', flags: [], events: texts, separator: '\n[BLOCK EVENT]' },
    { fixture: 'monitor.json.txt', flags: ['--json'], events: jsons, separator: '{"events"' },
  ])('prints $fixture until it is interrupted', async ({ fixture, flags, events, separator }) => {
    const interruption = new AbortController();
    server = await OperatorServer.start({
      async *subscribe(_, { signal }) {
        for (const event of events) yield added(event);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    const lastHash = events.at(-1)?.[1] ?? '';
    const run = await runCli(['monitor', '--grpc-address', server.address, ...flags], {
      signal: interruption.signal,
      onStdout: (stdout) => {
        if (stdout.includes(lastHash)) interruption.abort();
      },
    });
    expect(run.stdout).toBe(withoutRepetition(cliFixture(fixture).stdout, separator));
    expect(run).toMatchObject({ stderr: '', exitCode: 0 });
  });

  it('prints removed blocks after added ones, each on lines of its own', async () => {
    server = await OperatorServer.start({
      async *subscribe() {
        yield { added: [{ number: 2n, hash: '0x02' }], removed: [{ number: 1n, hash: '0x01' }] };
      },
    });
    const text = await runCli(['monitor', '--grpc-address', server.address]);
    expect(text.stdout).toBe(
      '\n[BLOCK EVENT]\nEvent Type   = ADD BLOCK\nBlock Number = 2\nBlock Hash   = 0x02\n' +
        'Event Type   = REMOVE BLOCK\nBlock Number = 1\nBlock Hash   = 0x01\n',
    );
    const json = await runCli(['monitor', '--grpc-address', server.address, '--json']);
    expect(json.stdout).toBe(
      '{"events":{"added":[{"type":"ADD BLOCK","number":2,"hash":"0x02"}],"removed":[{"type":"REMOVE BLOCK","number":1,"hash":"0x01"}]}}\n',
    );
  });

  it('fails when the node ends the stream with an error', async () => {
    server = await OperatorServer.start({
      // biome-ignore lint/correctness/useYield: the stream fails before its first event.
      async *subscribe() {
        throw new ConnectError('resume from 5', Code.ResourceExhausted);
      },
    });
    const run = await runCli(['monitor', '--grpc-address', server.address]);
    expect(run.stderr).toBe(
      'failed to read event: rpc error: code = ResourceExhausted desc = resume from 5\n',
    );
    expect(run).toMatchObject({ stdout: '', exitCode: 1 });
  });

  it('fails when the node goes away', async () => {
    const operator = await OperatorServer.start({
      async *subscribe(_, { signal }) {
        yield added([1, '0x01']);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    const run = await runCli(['monitor', '--grpc-address', operator.address], {
      onStdout: () => void operator.stop(),
    });
    expect(run.stderr).toMatch(
      /^failed to read event: rpc error: code = Unavailable desc = connection to .* lost\n$/,
    );
    expect(run.exitCode).toBe(1);
  });

  it('fails when the node is not there', async () => {
    const gone = await OperatorServer.start({});
    await gone.stop();
    const run = await runCli(['monitor', '--grpc-address', gone.address]);
    expect(run.stderr).toContain('connection refused');
    expect(run.exitCode).toBe(1);
  });
});
