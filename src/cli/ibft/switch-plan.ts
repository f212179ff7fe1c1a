import type { Random } from '../../common/random.js';
import type { NewIbftFork } from '../../modules/blockchain/index.js';
import { usageError } from '../command-context.js';
import { type Given, textOf } from '../flags.js';
import { GENESIS_DEFAULTS } from '../genesis/genesis-defaults.js';
import {
  checkCounts,
  MAX_NUMBER,
  refuseTwoSources,
  requireFolder,
  syntax,
} from '../genesis/genesis-flags.js';
import { validatorsOf } from '../genesis/genesis-validators.js';
import { goUint64 } from '../go-values.js';

/** What holds for a PoS fork that names no counts. @see polygon-edge@597a0f3 command/ibft/switch/params.go getResult */
export const COUNTS = {
  min: BigInt(GENESIS_DEFAULTS['min-validator-count']),
  max: BigInt(GENESIS_DEFAULTS['max-validator-count']),
};

/**
 * What the flags of `ibft switch` ask for, checked in the order and told in the words of the Go client.
 * @throws {CommanderError} @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID
 * @see polygon-edge@597a0f3 command/ibft/switch/params.go initRawParams
 * @remarks Differs: a PoA fork without validators is refused: no block could be sealed from there on. So are heights
 * above 2^53-1, and addresses and BLS keys that are none.
 */
export async function switchPlan(given: Given, random: Random): Promise<NewIbftFork> {
  const missing = ['from', 'type'].filter((flag) => given[flag] === undefined).map((flag) => `"${flag}"`);
  if (missing.length > 0) throw usageError(`required flag(s) ${missing.join(', ')} not set`);
  refuseTwoSources(given);
  const type = textOf(given, 'type');
  if (type !== 'PoA' && type !== 'PoS') {
    throw usageError(`unable to parse mechanism type: invalid IBFT type ${type}`);
  }
  const validatorType = textOf(given, 'ibft-validator-type') || GENESIS_DEFAULTS['ibft-validator-type'];
  if (validatorType !== 'bls' && validatorType !== 'ecdsa') throw usageError('invalid validator type');
  const hasDeployment = textOf(given, 'deployment') !== '';
  if (hasDeployment && type === 'PoA') throw usageError("doesn't support contract deployment in PoA");
  const deployment = hasDeployment ? height('deployment', textOf(given, 'deployment')) : undefined;
  const from = height('from', textOf(given, 'from'));
  if (from === 0) throw usageError('"from" must be positive number');
  const [min, max] = [textOf(given, 'min-validator-count'), textOf(given, 'max-validator-count')];
  if (type === 'PoA') {
    const validators = await validatorsFrom(given, validatorType, random);
    if (min !== '' || max !== '') throw usageError("doesn't support min validator count in PoA");
    return { type, validatorType, from, validators };
  }
  const counts = {
    minValidatorCount: min === '' ? undefined : unsigned('min validator count', min),
    maxValidatorCount: max === '' ? undefined : unsigned('max validator count', max),
  };
  checkCounts(counts.minValidatorCount ?? COUNTS.min, counts.maxValidatorCount ?? COUNTS.max);
  if (given.validators === undefined) await requireFolder(validatorsPath(given));
  return {
    ...{ type, validatorType, from, deployment },
    minValidatorCount: optionalNumber(counts.minValidatorCount),
    maxValidatorCount: optionalNumber(counts.maxValidatorCount),
  };
}

async function validatorsFrom(given: Given, type: 'bls' | 'ecdsa', random: Random) {
  const flags = given.validators as readonly string[] | undefined;
  const root = validatorsPath(given);
  const prefix = textOf(given, 'validators-prefix') || GENESIS_DEFAULTS['validators-prefix'];
  return validatorsOf(flags ?? { root, prefix }, type, random);
}

const validatorsPath = (given: Given) =>
  textOf(given, 'validators-path') || GENESIS_DEFAULTS['validators-path'];

function height(name: string, text: string): number {
  const number = unsigned(name, text);
  if (number > MAX_NUMBER) throw usageError(`unable to parse ${name} value, ${text} must be below 2^53`);
  return Number(number);
}

function unsigned(name: string, text: string): bigint {
  const number = goUint64(text);
  if (number === undefined) throw usageError(`unable to parse ${name} value, ${syntax(text)}`);
  return number;
}

const optionalNumber = (value: bigint | undefined) => (value === undefined ? undefined : Number(value));
