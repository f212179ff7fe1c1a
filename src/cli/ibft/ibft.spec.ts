import { Code, ConnectError } from '@connectrpc/connect';
import { afterEach, describe, expect, it } from '@jest/globals';
import { cliFixture, runCli } from '../../../test/support/cli.js';
import { OperatorServer } from '../../../test/support/operator-server.js';

let server: OperatorServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

type Answers = NonNullable<NonNullable<Parameters<typeof OperatorServer.start>[1]>['ibft']>;

async function ibft(args: readonly string[], answers: Answers = {}) {
  server = await OperatorServer.start({}, { ibft: answers });
  return runCli(['ibft', ...args, '--grpc-address', server.address]);
}

const key = '0x771d60069b646fc847a28089c8738bE1CA78849e';
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'));
const blsPubkey = `0x${'ab'.repeat(48)}`;

describe('ibft status', () => {
  it.each(['ibft-status.txt', 'ibft-status.json.txt'])('prints %s', async (fixture) => {
    const flags = fixture.includes('json') ? ['--json'] : [];
    const run = await ibft(['status', ...flags], { status: () => ({ key }) });
    expect(run).toEqual({ stdout: cliFixture(fixture).stdout, stderr: '', exitCode: 0 });
  });
});

describe('ibft candidates', () => {
  it('prints none as the Go client does', async () => {
    const run = await ibft(['candidates', '--json'], { candidates: () => ({}) });
    expect(run.stdout).toBe(cliFixture('ibft-candidates.json.txt').stdout);
    const text = await runCli(['ibft', 'candidates', '--grpc-address', server?.address ?? '']);
    expect(text.stdout).toBe('\n[IBFT CANDIDATES]\nNo candidates found\n\n');
  });

  it('prints each with its vote', async () => {
    const candidates = [
      { address: key, auth: true },
      { address: key, auth: false },
    ];
    const { stdout } = await ibft(['candidates'], { candidates: () => ({ candidates }) });
    expect(stdout).toBe(
      `\n[IBFT CANDIDATES]\nNumber of candidates: 2\n\n${'Address'.padEnd(42)} = Vote\n${key} = ADD\n${key} = REMOVE\n\n`,
    );
  });
});

describe('ibft snapshot', () => {
  const addresses = [
    key,
    '0xfdD4329421fF0050A7EeE0Cf014f6826a35BfcF2',
    '0x6b8Bb75983F9531E75e068E92B6B46a11E0E2A1F',
    '0xf9153048a1282683bFF79f28a65b7D311E672BBA',
  ];
  const recorded = {
    number: 328n,
    hash: '0xe6226de4b8473d31d1e37d525bcf5738993d8e9c3b82dfd8e17186109fa82726',
    validators: addresses.map((address) => ({ type: 'ecdsa', address, data: bytes(address) })),
  };

  it('prints the recorded one', async () => {
    const run = await ibft(['snapshot', '--json'], { getSnapshot: () => recorded });
    expect(run.stdout).toBe(cliFixture('ibft-snapshot.json.txt').stdout);
  });

  it('prints votes and validators with BLS keys as text and as JSON', async () => {
    const data = Uint8Array.of(0xf8, 70, 0x94, ...bytes(key), 0xb0, ...bytes(blsPubkey));
    const proposed = `${key}:${blsPubkey}`;
    const snapshot = {
      ...recorded,
      validators: [{ type: 'bls', address: key, data }],
      votes: [{ validator: key, proposed, auth: true }],
    };
    const { stdout } = await ibft(['snapshot'], { getSnapshot: () => snapshot });
    expect(stdout).toBe(
      [
        '\n[IBFT SNAPSHOT]',
        'Block = 328',
        `Hash  = ${recorded.hash}`,
        '\n[VOTES]',
        `${'PROPOSER'.padEnd(42)}  ${'ADDRESS'.padEnd(proposed.length)}  VOTE TO ADD`,
        `${key}  ${proposed}  ADD`,
        '\n[VALIDATORS]',
        'ADDRESS',
        `${key}:${blsPubkey}`,
        '\n',
      ].join('\n'),
    );
    const json = await runCli(['ibft', 'snapshot', '--json', '--grpc-address', server?.address ?? '']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      votes: [{ proposer: key, address: proposed, vote: 'ADD' }],
      validators: [{ Address: key, BLSPublicKey: blsPubkey }],
    });
  });

  it('says so where there are neither', async () => {
    const { stdout } = await ibft(['snapshot'], { getSnapshot: () => ({}) });
    expect(stdout).toContain('[VOTES]\nNo votes found\n\n[VALIDATORS]\nNo validators found\n');
  });

  it('asks for the head, or for a height', async () => {
    const asked: unknown[] = [];
    const getSnapshot: Answers['getSnapshot'] = ({ latest, number }) => {
      asked.push([latest, number]);
      return {};
    };
    await ibft(['snapshot'], { getSnapshot });
    await runCli(['ibft', 'snapshot', '--number', '12', '--grpc-address', server?.address ?? '']);
    expect(asked).toEqual([
      [true, 0n],
      [false, 12n],
    ]);
    const bad = await runCli(['ibft', 'snapshot', '--number', 'x']);
    expect(bad).toMatchObject({ stderr: '--number: must be a whole number\n', exitCode: 1 });
  });
});

describe('ibft propose', () => {
  it.each([
    { vote: 'auth', text: `Successfully voted for the addition of address [${key}] to the validator set` },
    {
      vote: 'drop',
      text: `Successfully voted for the removal of validator at address [${key}] from the validator set`,
    },
  ])('votes to $vote', async ({ vote, text }) => {
    const asked: unknown[] = [];
    const propose: Answers['propose'] = ({ address, blsPubkey: given, auth }) => {
      asked.push([address, given.length, auth]);
      return {};
    };
    const args = ['propose', '--addr', key.toLowerCase(), '--vote', vote, '--bls', blsPubkey];
    const run = await ibft(args, { propose });
    expect(run).toEqual({ stdout: `\n[IBFT PROPOSE]\n${text}\n\n`, stderr: '', exitCode: 0 });
    const json = await runCli(['ibft', ...args, '--json', '--grpc-address', server?.address ?? '']);
    expect(JSON.parse(json.stdout)).toEqual({ message: text });
    expect(asked[0]).toEqual([key, 48, vote === 'auth']);
  });

  it('fails with the text of the node', async () => {
    const propose = () => {
      throw new ConnectError('already a candidate', Code.FailedPrecondition);
    };
    const run = await ibft(['propose', '--addr', key, '--vote', 'auth'], { propose });
    expect(run).toMatchObject({ stdout: '', exitCode: 1 });
    expect(run.stderr).toMatch(/desc = already a candidate\n$/);
  });

  it.each([
    { args: ['--vote', 'auth'], text: 'required flag(s) "addr" not set' },
    { args: [], text: 'required flag(s) "addr", "vote" not set' },
    { args: ['--addr', key, '--vote', 'maybe'], text: 'invalid vote type' },
    { args: ['--addr', 'zz', '--vote', 'auth'], text: 'invalid address format' },
    {
      args: ['--addr', key, '--vote', 'auth', '--bls', 'zz'],
      text: 'failed to parse BLS Public Key: not hex of whole bytes',
    },
  ])('refuses $args', async ({ args, text }) => {
    expect(await runCli(['ibft', 'propose', ...args])).toEqual({
      stdout: '',
      stderr: `${text}\n`,
      exitCode: 1,
    });
  });
});
