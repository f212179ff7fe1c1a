import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../support/cli.js';

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
describe('genesis', () => {
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
      'a block time that no node takes',
      [...IBFT, '--validators', A, '--block-time', '500ms'],
      'invalid argument "500ms" for "--block-time" flag: must be at least 1s',
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
});
