import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cliFixture, runCli } from '../../../test/support/cli.js';
import { OperatorServer } from '../../../test/support/operator-server.js';
import { EventType } from '../../gen/v1/txpool_operator_pb.js';

let server: OperatorServer | undefined;
let folder: string | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
  if (folder !== undefined) await rm(folder, { recursive: true });
  folder = undefined;
});

type Answers = NonNullable<NonNullable<Parameters<typeof OperatorServer.start>[1]>['txpool']>;
type RunOptions = Parameters<typeof runCli>[1];

async function txpool(args: readonly string[], answers: Answers = {}, options: RunOptions = {}) {
  server = await OperatorServer.start({}, { txpool: answers });
  return runCli(['txpool', ...args, '--grpc-address', server.address], options);
}

const hash = `0x${'ab'.repeat(32)}`;

describe('txpool status', () => {
  it.each(['txpool-status.txt', 'txpool-status.json.txt'])('prints %s', async (fixture) => {
    const flags = fixture.includes('json') ? ['--json'] : [];
    const run = await txpool(['status', ...flags], { status: () => ({ length: 0n }) });
    expect(run).toEqual({ stdout: cliFixture(fixture).stdout, stderr: '', exitCode: 0 });
  });
});

describe('txpool add', () => {
  const answers = () => {
    const asked: { value: Uint8Array | undefined; from: string }[] = [];
    const addTxn: NonNullable<Answers['addTxn']> = ({ raw, from }) => {
      asked.push({ value: raw?.value, from });
      return { txHash: hash, notJudged: ['nonce', 'balance'] };
    };
    return { asked, addTxn };
  };

  it('hands over hex and says what was not judged', async () => {
    const { asked, addTxn } = answers();
    const run = await txpool(['add', '--raw', '0xc180', '--from', '0xAA'], { addTxn });
    expect(run.stdout).toBe(
      `\n[TXPOOL ADD]\nTransaction hash = ${hash}\nNot judged       = nonce, balance\n\n`,
    );
    expect(asked).toEqual([{ value: Uint8Array.of(0xc1, 0x80), from: '0xAA' }]);
  });

  it('hands over a file', async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgekeeper-txpool-'));
    const file = join(folder, 'transaction.hex');
    await writeFile(file, 'c180\n');
    const { asked, addTxn } = answers();
    const run = await txpool(['add', '--file', file, '--json'], { addTxn });
    expect(run.stdout).toBe(`{"tx_hash":"${hash}","not_judged":["nonce","balance"]}\n`);
    expect(asked).toEqual([{ value: Uint8Array.of(0xc1, 0x80), from: '' }]);
  });

  it.each([
    { name: 'neither', args: [], expect: 'either --raw or --file must be given' },
    { name: 'both', args: ['--raw', 'c0', '--file', 'x'], expect: 'either --raw or --file must be given' },
    { name: 'no hex', args: ['--raw', '0xc'], expect: 'failed to parse transaction: not hex of whole bytes' },
    {
      name: 'no bytes',
      args: ['--raw', '0x'],
      expect: 'failed to parse transaction: not hex of whole bytes',
    },
    { name: 'no file', args: ['--file', '/nowhere'], expect: 'failed to read transaction: ' },
    { name: 'an endless file', args: ['--file', process.execPath], expect: 'the file is larger than any' },
  ])('refuses $name', async ({ args, expect: text }) => {
    const { stderr, exitCode } = await txpool(['add', ...args]);
    expect(stderr).toContain(text);
    expect(exitCode).toBe(1);
  });

  it('prints what the node says', async () => {
    const refuse = () => {
      throw new ConnectError('transaction underpriced', Code.FailedPrecondition);
    };
    const { stderr } = await txpool(['add', '--raw', 'c180'], { addTxn: refuse });
    expect(stderr).toBe('rpc error: code = FailedPrecondition desc = transaction underpriced\n');
  });
});

describe('txpool subscribe', () => {
  it.each([
    { flags: [], expect: [0, 1, 2, 3, 4, 5, 6] },
    { flags: ['--added', '--pruned-promoted'], expect: [EventType.ADDED, EventType.PRUNED_PROMOTED] },
    { flags: ['--dropped', '--added=false'], expect: [EventType.DROPPED] },
  ])('asks for $expect with $flags', async ({ flags, expect: types }) => {
    const asked: EventType[][] = [];
    await txpool(['subscribe', ...flags], {
      async *subscribe(request) {
        asked.push(request.types);
        yield* [];
      },
    });
    expect(asked.map((each) => each.toSorted())).toEqual([types]);
  });

  const event = `\n[TXPOOL EVENT]\nTYPE = PRUNED_PROMOTED\nHASH = ${hash}\n\n`;
  it.each([
    { flags: [], expect: event },
    { flags: ['--json'], expect: `{"event_type":5,"tx_hash":"${hash}"}\n` },
  ])('prints events until it is interrupted $flags', async ({ flags, expect: stdout }) => {
    const interruption = new AbortController();
    const run = await txpool(
      ['subscribe', ...flags],
      {
        async *subscribe(_, { signal }) {
          yield { type: EventType.PRUNED_PROMOTED, txHash: hash };
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
      { signal: interruption.signal, onStdout: () => interruption.abort() },
    );
    expect(run).toEqual({ stdout, stderr: '', exitCode: 0 });
  });

  it('says why the stream ended', async () => {
    const { stderr, exitCode } = await txpool(['subscribe'], {
      subscribe() {
        throw new ConnectError('the subscriber reads too slowly', Code.ResourceExhausted);
      },
    });
    expect(stderr).toContain('failed to read event: rpc error: code = ResourceExhausted');
    expect(exitCode).toBe(1);
  });
});
