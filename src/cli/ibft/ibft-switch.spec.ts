import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../test/support/cli.js';
import { readFixtureText } from '../../../test/support/fixtures.js';
import { COMMON, IbftGenesisFile, POA, parsed, withIbft } from '../../../test/support/ibft-genesis.js';

/** Made by the Go client: a chain that goes over to BLS keys at block 44. */
const SWITCHED = readFixtureText('ibft-switch/genesis.json');
const A = '0x1111111111111111111111111111111111111111';
const B = '0xabcdef2222222222222222222222222222222222';
const KEY = `0x${'ab'.repeat(48)}`;

let file: IbftGenesisFile;
let folder: string;
let path: string;
beforeEach(() => {
  file = new IbftGenesisFile();
  ({ folder, path } = file);
});
afterEach(() => file.remove());

const ibft = (...args: readonly string[]) => file.run(...args);
const written = () => file.read();
const first = { type: 'PoA', validator_type: 'ecdsa', from: '0x0', blockTime: '1s' };

describe('ibft switch', () => {
  it('adds a PoS fork as the Go client does', async () => {
    const flags = ['--deployment', '0x32', '--min-validator-count', '2', '--max-validator-count', '10'];
    expect(await ibft('switch', '--type', 'PoS', '--from', '100', ...flags)).toEqual({
      stdout:
        `\n[NEW IBFT FORK]\nChain             = ${path}\nType              = PoS\nValidatorType     = bls\n` +
        'Deployment        = 50\nFrom              = 100\nMaxValidatorCount = 10\nMinValidatorCount = 2\n\n',
      stderr: '',
      exitCode: 0,
    });
    const pos = {
      ...{ type: 'PoS', validator_type: 'bls', deployment: '0x32', from: '0x64', blockTime: '1s' },
      ...{ maxValidatorCount: '0xa', minValidatorCount: '0x2' },
    };
    const types = [{ ...first, to: '0x63' }, pos];
    expect(parsed(written())).toEqual(withIbft(POA, { ...COMMON, types, validator_type: 'ecdsa' }));
  });

  it('adds a PoA fork behind others as the Go client does', async () => {
    writeFileSync(path, SWITCHED);
    const validators = ['--ibft-validator-type', 'ecdsa', '--validators', A, '--validators', B];
    const run = await ibft('switch', '--type', 'PoA', '--from', '0xc8', ...validators);
    expect(run.stdout).toBe(
      `\n[NEW IBFT FORK]\nChain         = ${path}\nType          = PoA\nValidatorType = ecdsa\nFrom          = 200\n\n`,
    );
    const [one, two] = parsed(SWITCHED).params.engine.ibft.types as object[];
    const three = {
      ...{ type: 'PoA', validator_type: 'ecdsa', from: '0xc8', blockTime: '1s' },
      validators: [{ Address: A }, { Address: '0xaBcdef2222222222222222222222222222222222' }],
    };
    const types = [one, { ...two, to: '0xc7' }, three];
    expect(parsed(written())).toEqual(withIbft(SWITCHED, { ...parsed(SWITCHED).params.engine.ibft, types }));
  });

  it('reads keys from data folders', async () => {
    const init = await runCli([
      ...['secrets', 'init', '--data-dir', join(folder, 'test-chain-1'), '--insecure', '--json'],
    ]);
    const [{ address, bls_pubkey }] = JSON.parse(init.stdout);
    const run = await ibft('switch', '--type', 'PoA', '--from', '5', '--validators-path', folder);
    expect(run).toMatchObject({ stderr: '', exitCode: 0 });
    const [, added] = parsed(written()).params.engine.ibft.types as object[];
    expect(added).toMatchObject({ validators: [{ Address: address, BLSPublicKey: bls_pubkey }] });
  });

  it('gives JSON with the defaults of the Go client', async () => {
    const run = await ibft('switch', '--type', 'PoS', '--from', '100', '--json');
    expect(run.stdout).toBe(
      `{"chain":${JSON.stringify(path)},"type":"PoS","validator_type":"bls","from":"0x64",` +
        '"maxValidatorCount":"0x1ffffffffffffe","minValidatorCount":"0x1"}\n',
    );
  });

  const syntax = (text: string) => `strconv.ParseUint: parsing "${text}": invalid syntax`;
  const poa = ['--type', 'PoA', '--validators', `${A}:${KEY}`];
  // Texts of the Go client, but for what it takes: no validators, heights from 2^53 on, and flags that are not there.
  it.each([
    { args: [], says: 'required flag(s) "from", "type" not set' },
    { args: ['--type', 'PoX', '--from', '5'], says: 'unable to parse mechanism type: invalid IBFT type PoX' },
    { args: [...poa, '--from', '5', '--ibft-validator-type', 'x'], says: 'invalid validator type' },
    {
      args: [...poa, '--from', '5', '--deployment', '3'],
      says: "doesn't support contract deployment in PoA",
    },
    {
      args: [...poa, '--from', '5', '--min-validator-count', '3'],
      says: "doesn't support min validator count in PoA",
    },
    { args: [...poa, '--from', 'x'], says: `unable to parse from value, ${syntax('x')}` },
    { args: [...poa, '--from', '0'], says: '"from" must be positive number' },
    { args: [...poa, '--from', '1'], says: 'cannot specify a less height than 2 for validators update' },
    {
      args: [...poa, '--from', '9007199254740992'],
      says: 'unable to parse from value, 9007199254740992 must be below 2^53',
    },
    {
      args: ['--type', 'PoS', '--from', '5', '--deployment', 'z'],
      says: `unable to parse deployment value, ${syntax('z')}`,
    },
    {
      args: ['--type', 'PoS', '--from', '5', '--max-validator-count', 'z'],
      says: `unable to parse max validator count value, ${syntax('z')}`,
    },
    {
      args: ['--type', 'PoS', '--from', '5', '--min-validator-count', '0'],
      says: 'minimum number of validators must be greater than 0',
    },
    {
      args: ['--type', 'PoS', '--from', '5', '--min-validator-count', '5', '--max-validator-count', '4'],
      says: 'minimum number of validators can not be greater than the maximum number of validators',
    },
    {
      args: ['--type', 'PoS', '--from', '5', '--max-validator-count', '9007199254740991'],
      says: 'maximum number of validators must be lower or equal than MaxSafeJSInt (2^53 - 2)',
    },
    {
      args: ['--type', 'PoS', '--from', '5', '--validators-path', 'nowhere'],
      says: "invalid validators path ('nowhere') provided. Error: stat nowhere: no such file or directory",
    },
    {
      args: ['--type', 'PoA', '--from', '5', '--validators-path', 'nowhere'],
      says: 'failed to read from prefix: open nowhere: no such file or directory',
    },
    {
      args: ['--type', 'PoA', '--from', '5', '--validators-prefix', 'nobody'],
      says: 'validator information not specified',
    },
    {
      args: ['--type', 'PoA', '--from', '5', '--validators', A],
      says: 'invalid validator format, expected [Validator Address]:[BLS Public Key]',
    },
    {
      args: [...poa, '--from', '5', '--validators-path', '.'],
      says:
        'if any flags in the group [validators validators-path] are set none of the others can be; ' +
        '[validators validators-path] were all set',
    },
    {
      args: ['--type', 'PoA', '--from', '5', '--ibft-validator-type', 'ecdsa', '--validators', A],
      says: 'cannot specify same IBFT type and validator type as the last fork',
    },
  ])('refuses $says', async ({ args, says }) => {
    expect(await ibft('switch', ...args)).toEqual({ stdout: '', stderr: `${says}\n`, exitCode: 1 });
    expect(written()).toBe(POA);
  });

  it('refuses a fork that does not begin behind the last one', async () => {
    writeFileSync(path, SWITCHED);
    const { stderr, exitCode } = await ibft('switch', '--type', 'PoS', '--from', '44');
    expect(exitCode).toBe(1);
    expect(stderr).toBe('"from" must be greater than the beginning height of last fork\n');
    expect(written()).toBe(SWITCHED);
  });

  it('takes no file of another engine', async () => {
    writeFileSync(path, POA.replace('"ibft"', '"dev"'));
    const { stderr } = await ibft('switch', '--type', 'PoS', '--from', '44');
    expect(stderr).toBe('"ibft" config doesn\'t exist in "engine" of genesis.json\'\n');
  });
});
