import { stat } from 'node:fs/promises';
import { fromHex } from '../../common/bytes.js';
import { osErrorCode, osErrorText } from '../../common/os-error.js';
import type { Random } from '../../common/random.js';
import {
  type BurnOptions,
  type IbftGenesisOptions,
  MIN_BLOCK_TIME_MS,
} from '../../modules/blockchain/index.js';
import { usageError } from '../command-context.js';
import { type Given, isOn, textOf } from '../flags.js';
import { goDurationMs, goUint64, goUint256 } from '../go-values.js';
import { GENESIS_DEFAULTS } from './genesis-defaults.js';
import { checkCounts, MAX_NUMBER, refuseTwoSources, requireFolder, syntax } from './genesis-flags.js';
import { validatorsOf } from './genesis-validators.js';

const ADDRESS_BYTES = 20;
const BASE_FEE_PARTS = [
  'base fee ',
  'base fee elasticity multiplier',
  'base fee change denominator',
] as const;
const CONSENSUS = ['ibft', 'polybft', 'dev', 'dummy'];

/**
 * What the flags of `genesis` ask for, checked in the order and told in the words of the Go client.
 * @throws {CommanderError}
 * @see polygon-edge@597a0f3 command/genesis/params.go validateFlags
 * @remarks Differs: addresses, bootnodes and BLS keys that are none are refused, Go takes them as far as they go; so is
 * a set without validators. With --validators the folders of --validators-prefix are not looked at.
 */
export async function genesisPlan(given: Given, path: string, random: Random): Promise<IbftGenesisOptions> {
  const text = (flag: Exclude<keyof typeof GENESIS_DEFAULTS, 'premine'>) =>
    textOf(given, flag) || GENESIS_DEFAULTS[flag];
  const validators = given.validators as readonly string[] | undefined;
  refuseTwoSources(given);
  refuseUnsupported(text('consensus'), isOn(given, 'pos', false));
  const fees = baseFees(text('base-fee-config'));
  const premine = ((given.premine as readonly string[] | undefined) ?? []).map(premined);
  await refuseExisting(path);
  const epochSize = numberOf('epoch-size', text('epoch-size'));
  if (epochSize < 2) throw usageError('epoch size must be greater than 1');
  const root = text('validators-path');
  if (validators === undefined) await requireFolder(root);
  const maxCount = countRange(text('min-validator-count'), text('max-validator-count'));
  const bootnodes = (given.bootnode as readonly string[] | undefined) ?? [];
  if (bootnodes.length === 0) throw usageError('required flag(s) "bootnode" not set');
  const type = text('ibft-validator-type');
  if (type !== 'bls' && type !== 'ecdsa') throw usageError('invalid validator type');
  const source = validators ?? { root, prefix: text('validators-prefix') };
  const set = await validatorsOf(source, type, random);
  if (BigInt(set.length) > maxCount) throw usageError('validator number exceeds max validator number');
  return {
    name: text('name'),
    chainId: numberOf('chain-id', textOf(given, 'chainid') || text('chain-id')),
    validators: set,
    bootnodes,
    blockTimeMs: blockTime(text('block-time')),
    epochSize,
    gasLimit: unsigned('block-gas-limit', text('block-gas-limit')),
    premine,
    burn: burnOf(textOf(given, 'burn-contract'), fees),
  };
}

function refuseUnsupported(consensus: string, isPos: boolean): void {
  if (!CONSENSUS.includes(consensus)) throw usageError('specified consensusRaw not supported');
  if (consensus !== 'ibft') {
    throw usageError(
      `--consensus ${consensus}: only chains of IBFT validators can be made here (--consensus ibft); ` +
        'make the others with the Go client, their genesis files can be used here',
    );
  }
  if (!isPos) return;
  throw usageError(
    '--pos: the code of the staking contract is not part of this program; make the genesis file with the Go client, ' +
      'it can be used here, or leave --pos out for validators who vote on each other',
  );
}

function baseFees(text: string): Pick<BurnOptions, 'baseFee' | 'elasticity' | 'changeDenominator'> {
  const failed = (reason: string) =>
    usageError(`failed to parse base fee config: ${reason}, provided value ${text}`);
  const parts = text.split(':');
  if (parts.length > 3) throw failed('invalid number of arguments for base fee configuration');
  const defaults = GENESIS_DEFAULTS['base-fee-config'].split(':');
  const [baseFee = 0n, elasticity = 0n, changeDenominator = 0n] = defaults.map((otherwise, at) => {
    const part = parts[at] || otherwise;
    const number = goUint64(part);
    if (number === undefined) throw failed(syntax(part));
    if (number === 0n) throw usageError(`${BASE_FEE_PARTS[at]} must be greater than 0`);
    return number;
  });
  return { baseFee, elasticity, changeDenominator };
}

function premined(text: string): IbftGenesisOptions['premine'][number] {
  const [address = '', amount] = text.split(':');
  const balance = amount === undefined ? GENESIS_DEFAULTS.premine : goUint256(amount);
  if (balance === undefined) {
    throw usageError(
      `invalid premine balance amount provided: failed to parse amount ${amount}: could not parse`,
    );
  }
  return { address: addressOf(address, 'premine address'), balance };
}

function burnOf(
  text: string,
  fees: Pick<BurnOptions, 'baseFee' | 'elasticity' | 'changeDenominator'>,
): BurnOptions | undefined {
  if (text === '') return undefined;
  const [block = '', contract, destination, ...rest] = text.split(':');
  if (contract === undefined || rest.length > 0) {
    throw usageError('expected format: <block>:<address>[:<burn destination>]');
  }
  const fromBlock = goUint64(block);
  if (fromBlock === undefined) throw usageError(`failed to parse block number ${block}: ${syntax(block)}`);
  return {
    fromBlock,
    contract: addressOf(contract, 'contract address'),
    destination: destination === undefined ? undefined : addressOf(destination, 'burn destination address'),
    ...fees,
  };
}

function addressOf(text: string, what: string): Uint8Array {
  const bytes = fromHex(`0x${text.replace(/^0x/, '')}`);
  const failed = (reason: string) => usageError(`failed to parse ${what} ${text}: address ${text} ${reason}`);
  if (bytes === undefined) throw failed('contains invalid characters');
  if (bytes.length !== ADDRESS_BYTES) throw failed('has invalid length');
  return bytes;
}

/** @returns the largest number of validators */
function countRange(min: string, max: string): bigint {
  const [least, most] = [unsigned('min-validator-count', min), unsigned('max-validator-count', max)];
  checkCounts(least, most);
  return most;
}

function unsigned(flag: string, text: string): bigint {
  const number = goUint64(text);
  if (number !== undefined) return number;
  throw usageError(`invalid argument "${text}" for "--${flag}" flag: ${syntax(text)}`);
}

function numberOf(flag: string, text: string): number {
  const number = unsigned(flag, text);
  if (number <= MAX_NUMBER) return Number(number);
  throw usageError(`invalid argument "${text}" for "--${flag}" flag: must be below 2^53`);
}

function blockTime(text: string): number {
  const failed = (reason: string) =>
    usageError(`invalid argument "${text}" for "--block-time" flag: ${reason}`);
  const durationMs = goDurationMs(text);
  if (durationMs === undefined) throw failed(`time: invalid duration "${text}"`);
  if (durationMs < MIN_BLOCK_TIME_MS) throw failed(`must be at least ${MIN_BLOCK_TIME_MS / 1_000}s`);
  return durationMs;
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    if (osErrorCode(error) === 'ENOENT') return;
    throw usageError(`failed to stat (${path}): ${osErrorText(error)}`);
  }
  throw usageError(`genesis file at path (${path}) already exists`);
}
