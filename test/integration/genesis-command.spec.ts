import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import { SystemRandom } from '../../src/common/random.js';
import { LocalSecrets } from '../../src/config/secrets/local-secrets.js';
import { decodeIbftExtra } from '../../src/modules/blockchain/consensus/ibft/extra.js';
import { genesisHash, parseGenesis } from '../../src/modules/blockchain/index.js';
import { cliFixture, runCli } from '../support/cli.js';
import { readFixtureText } from '../support/fixtures.js';

const A = '0x1111111111111111111111111111111111111111';
const B = '0x85dA99c8a7C2C95964c8EfD687E95E632Fc533D6';
const BOOTNODE = '/ip4/127.0.0.1/tcp/1/p2p/16Uiu2HAkwedrAsRtd9a4QYNfyGUnRMtRjHmgeHiGtrdEBaJjoj5U';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-genesis-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const genesis = (...args: readonly string[]) => runCli(['genesis', '--dir', at('genesis.json'), ...args]);
const IBFT = ['--consensus', 'ibft', '--bootnode', BOOTNODE, '--ibft-validator-type', 'ecdsa'];
const written = () => readFileSync(at('genesis.json'), 'utf8');
const parsed = () =>
  JSON.parse(written()) as { params: Record<string, unknown>; genesis: Record<string, unknown> };

describe('genesis', () => {
  it.each(['ibft-ecdsa', 'ibft-bls', 'ibft-poa-rounds'] as const)(
    'makes the chain that the Go client made: %s',
    async (network) => {
      const recorded = readFixtureText(`${network}/genesis.json`);
      const chain = parseGenesis(recorded);
      const bls = network === 'ibft-bls';
      const { validators } = decodeIbftExtra(chain.genesis.extraData, { number: 0, bls, parentBls: bls });
      const { exitCode, stderr } = await genesis(
        ...[
          '--consensus',
          'ibft',
          '--chain-id',
          String(chain.chainId),
          '--block-time',
          '1s',
          '--epoch-size',
          '10',
        ],
        ...[
          '--block-gas-limit',
          String(chain.genesis.gasLimit),
          '--ibft-validator-type',
          bls ? 'bls' : 'ecdsa',
        ],
        ...['--premine', B],
        ...chain.bootnodes.flatMap((bootnode) => ['--bootnode', bootnode]),
        ...validators.flatMap(({ address, blsPublicKey }) => [
          '--validators',
          blsPublicKey === undefined ? toHex(address) : `${toHex(address)}:${toHex(blsPublicKey)}`,
        ]),
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(written()).toBe(JSON.stringify(JSON.parse(recorded), null, 4));
      expect(await genesisHash(parseGenesis(written()))).toEqual(await genesisHash(chain));
      expect(statSync(at('genesis.json')).mode & 0o007).toBe(0);
    },
  );

  it('says what the Go client says', async () => {
    const { stdout } = await genesis(...IBFT, '--validators', A);
    expect(stdout).toBe(`
***** IMPORTANT NOTICE: IBFT consensus protocol is about to be removed from the Edge in the following release. *****
Please migrate to the PolyBFT protocol and plan your activities accordingly.
More information on how to execute the migration process can be found here(https://wiki.polygon.technology/docs/edge/operate/ibft-to-polybft/).

[GENESIS SUCCESS]

Genesis written to ${at('genesis.json')}

`);
  });

  it('prints nothing but JSON to stdout with --json', async () => {
    const { stdout, stderr } = await genesis(...IBFT, '--validators', A, '--json');
    expect(JSON.parse(stdout)).toEqual({ message: `\nGenesis written to ${at('genesis.json')}\n` });
    expect(stderr).toContain('IMPORTANT NOTICE');
  });

  it('reads the keys of data folders, in the order of their names', async () => {
    const addresses: string[] = [];
    for (const name of ['node-2', 'node-10', 'other']) {
      const run = await runCli(['secrets', 'init', '--data-dir', at(`vs/${name}`), '--insecure', '--json']);
      addresses.push((JSON.parse(run.stdout) as { address: string }[])[0]?.address.toLowerCase() ?? '');
    }
    writeFileSync(at('vs/node-1'), 'no folder');
    const prefix = ['--validators-path', at('vs'), '--validators-prefix', 'node-'];
    const args = ['--consensus', 'ibft', '--bootnode', BOOTNODE, ...prefix];
    expect((await genesis(...args)).exitCode).toBe(0);
    const { extraData } = parseGenesis(written()).genesis;
    const { validators } = decodeIbftExtra(extraData, { number: 0, bls: true, parentBls: true });
    expect(validators.map(({ address }) => toHex(address))).toEqual([addresses[1], addresses[0]]);
    expect(validators.every(({ blsPublicKey }) => blsPublicKey?.length === 48)).toBe(true);
  });

  it('turns London on for a burn contract', async () => {
    await genesis(
      ...IBFT,
      '--validators',
      A,
      '--burn-contract',
      `10:${B}:${A}`,
      '--base-fee-config',
      '5::16',
    );
    expect(parsed().params).toMatchObject({
      forks: { london: { block: 0 } },
      burnContract: { 10: B },
      burnContractDestinationAddress: A,
    });
    expect(parsed().genesis).toMatchObject({ baseFee: '0x5', baseFeeEM: '0x2', baseFeeChangeDenom: '0x10' });
    expect(Object.keys(parsed().params.forks as object)).toContain('londonfix');
  });

  it('escapes a name as Go does', async () => {
    await genesis(...IBFT, '--validators', A, '--name', '<é>');
    expect(written()).toContain('"name": "\\u003cé\\u003e"');
  });

  it('takes the last balance of an account', async () => {
    await genesis(
      ...IBFT,
      '--validators',
      A,
      '--premine',
      `${A}:0x10`,
      '--premine',
      B,
      '--premine',
      `${A}:5`,
    );
    expect(parsed().genesis.alloc).toEqual({
      [A]: { balance: '0x5' },
      [B]: { balance: '0xd3c21bcecceda1000000' },
    });
  });

  it('never writes over a file', async () => {
    writeFileSync(at('genesis.json'), 'mine');
    const run = await genesis(...IBFT, '--validators', A);
    const theirs = cliFixture('genesis-exists.txt')
      .stderr.split('\n')
      .at(-2)
      ?.replace('p1/genesis.json', at('genesis.json'));
    expect(run).toMatchObject({ exitCode: 1, stdout: '', stderr: `${theirs}\n` });
    expect(written()).toBe('mine');
  });

  // Texts of the Go client, but for those that it takes.
  it.each<[name: string, args: readonly string[], text: string]>([
    ['no such consensus', ['--consensus', 'nope'], 'specified consensusRaw not supported'],
    ['PolyBFT, the default', ['--reward-wallet', A], '--consensus polybft: only chains of IBFT'],
    ['a dev chain', ['--consensus', 'dev'], '--consensus dev: only chains of IBFT'],
    ['Proof of Stake', [...IBFT, '--pos', '--validators', A], '--pos: the code of the staking contract'],
    ['no bootnode', ['--consensus', 'ibft', '--validators', A], 'required flag(s) "bootnode" not set'],
    [
      'a bootnode that is none',
      [...IBFT, '--validators', A, '--bootnode', 'x'],
      'bootnodes.1: failed to parse multiaddr',
    ],
    [
      'two sources',
      [...IBFT, '--validators', A, '--validators-path', '.'],
      'if any flags in the group [validators validators-path] are set none of the others can be; [validators validators-path] were all set',
    ],
    [
      'no validators',
      [...IBFT, '--validators-path', '.', '--validators-prefix', 'nobody'],
      'validator information not specified',
    ],
    [
      'no such folder',
      [...IBFT, '--validators-path', 'nowhere'],
      "invalid validators path ('nowhere') provided. Error: stat nowhere: no such file or directory",
    ],
    [
      'a validator twice',
      [...IBFT, '--validators', A, '--validators', A],
      'validator already exists in validators',
    ],
    ['no address', [...IBFT, '--validators', 'x'], 'failed to parse address: x is not 20 bytes in hex'],
    [
      'no BLS key',
      [...IBFT, '--ibft-validator-type', 'bls', '--validators', A],
      'invalid validator format, expected [Validator Address]:[BLS Public Key]',
    ],
    [
      'a short BLS key',
      [...IBFT, '--ibft-validator-type', 'bls', '--validators', `${A}:0x1234`],
      'failed to parse BLS Public Key: 0x1234 is not 48 bytes in hex',
    ],
    ['no such type', [...IBFT, '--ibft-validator-type', 'x', '--validators', A], 'invalid validator type'],
    ['a short epoch', [...IBFT, '--validators', A, '--epoch-size', '1'], 'epoch size must be greater than 1'],
    [
      'no number',
      [...IBFT, '--validators', A, '--chain-id', '-1'],
      'invalid argument "-1" for "--chain-id" flag: strconv.ParseUint: parsing "-1": invalid syntax',
    ],
    [
      'a huge number',
      [...IBFT, '--validators', A, '--chain-id', '9007199254740992'],
      'invalid argument "9007199254740992" for "--chain-id" flag: must be below 2^53',
    ],
    [
      'no duration',
      [...IBFT, '--validators', A, '--block-time', '3'],
      'invalid argument "3" for "--block-time" flag: time: invalid duration "3"',
    ],
    [
      'a balance that is none',
      [...IBFT, '--validators', A, '--premine', `${A}:zz`],
      'invalid premine balance amount provided: failed to parse amount zz: could not parse',
    ],
    [
      'an account that is none',
      [...IBFT, '--validators', A, '--premine', '0x12'],
      'failed to parse premine address 0x12: address 0x12 has invalid length',
    ],
    [
      'a base fee of 0',
      [...IBFT, '--validators', A, '--base-fee-config', '0'],
      'base fee  must be greater than 0',
    ],
    [
      'too many fees',
      [...IBFT, '--validators', A, '--base-fee-config', '1:2:3:4'],
      'failed to parse base fee config: invalid number of arguments for base fee configuration, provided value 1:2:3:4',
    ],
    [
      'a fee that is none',
      [...IBFT, '--validators', A, '--base-fee-config', 'x'],
      'failed to parse base fee config: strconv.ParseUint: parsing "x": invalid syntax, provided value x',
    ],
    [
      'half a burn contract',
      [...IBFT, '--validators', A, '--burn-contract', 'x'],
      'expected format: <block>:<address>[:<burn destination>]',
    ],
    [
      'a burn block that is none',
      [...IBFT, '--validators', A, '--burn-contract', `x:${A}`],
      'failed to parse block number x: strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      'a short contract',
      [...IBFT, '--validators', A, '--burn-contract', '0:0x12'],
      'failed to parse contract address 0x12: address 0x12 has invalid length',
    ],
    [
      'too many validators',
      [...IBFT, '--validators', A, '--validators', B, '--max-validator-count', '1'],
      'validator number exceeds max validator number',
    ],
    [
      'no room',
      [...IBFT, '--validators', A, '--max-validator-count', '0'],
      'minimum number of validators can not be greater than the maximum number of validators',
    ],
    [
      'less than one',
      [...IBFT, '--validators', A, '--min-validator-count', '0'],
      'minimum number of validators must be greater than 0',
    ],
    [
      'more than JavaScript counts',
      [...IBFT, '--validators', A, '--max-validator-count', '9007199254740992'],
      'maximum number of validators must be lower or equal than MaxSafeJSInt (2^53 - 2)',
    ],
  ])('refuses %s', async (_name, args, text) => {
    const { exitCode, stderr, stdout } = await genesis(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(text);
    expect(() => statSync(at('genesis.json'))).toThrow('ENOENT');
  });

  it('names the key that a folder lacks', async () => {
    mkdirSync(at('vs/v1'), { recursive: true });
    const args = [
      '--consensus',
      'ibft',
      '--bootnode',
      BOOTNODE,
      '--validators-path',
      at('vs'),
      '--validators-prefix',
      'v',
    ];
    expect((await genesis(...args)).stderr).toBe(
      'failed to read from prefix: ECDSA key not found in given path\n',
    );
    await new LocalSecrets(at('vs/v1'), new SystemRandom()).create('validator-key');
    expect((await genesis(...args)).stderr).toBe(
      'failed to read from prefix: BLS key not found in given path\n',
    );
  });

  it('says where it cannot write', async () => {
    const run = await runCli(['genesis', '--dir', at('no/where.json'), ...IBFT, '--validators', A]);
    expect(run.stderr).toBe(
      `failed to write genesis: open ${at('no/where.json')}: no such file or directory\n`,
    );
    expect(run.stdout).toBe('');
  });
});
