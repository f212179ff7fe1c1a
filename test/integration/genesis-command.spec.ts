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
