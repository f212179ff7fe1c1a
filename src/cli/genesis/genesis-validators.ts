import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesEqual, fromHex } from '../../common/bytes.js';
import { osErrorText } from '../../common/os-error.js';
import type { Random } from '../../common/random.js';
import { LocalSecrets } from '../../config/secrets/local-secrets.js';
import { addressOf, blsPublicKey, type IbftValidator, publicKeyOf } from '../../modules/blockchain/index.js';
import { usageError } from '../command-context.js';

const ADDRESS_BYTES = 20;
/** A compressed point of G1. */
const BLS_KEY_BYTES = 48;

/** The validators themselves, or folders of validators: those in `root` whose names begin with `prefix`. */
export type ValidatorSource = readonly string[] | { readonly root: string; readonly prefix: string };

/**
 * The validators of a new chain, in the order of the flags or of the folders' names.
 * @throws {CommanderError} @throws {ConfigError} CONFIG.KEY_UNREADABLE | CONFIG.KEY_INVALID
 * @see polygon-edge@597a0f3 command/common.go GetValidatorsFromPrefixPath
 */
export async function validatorsOf(
  source: ValidatorSource,
  type: 'ecdsa' | 'bls',
  random: Random,
): Promise<readonly IbftValidator[]> {
  const validators =
    'root' in source
      ? await fromFolders(source.root, source.prefix, type, random)
      : source.map((text) => (type === 'bls' ? blsValidator(text) : { address: address(text) }));
  if (validators.length === 0) throw usageError('validator information not specified');
  validators.forEach((validator, at) => {
    const isKnown = validators.slice(0, at).some((other) => bytesEqual(other.address, validator.address));
    if (isKnown) throw usageError('validator already exists in validators');
  });
  return validators;
}

async function fromFolders(
  root: string,
  prefix: string,
  type: 'ecdsa' | 'bls',
  random: Random,
): Promise<IbftValidator[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch((error: unknown) => {
    throw usageError(`failed to read from prefix: open ${root}: ${osErrorText(error)}`);
  });
  const names = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix));
  const sorted = names.map(({ name }) => Buffer.from(name)).sort(Buffer.compare);
  return Promise.all(sorted.map((name) => ofFolder(join(root, name.toString()), type, random)));
}

async function ofFolder(folder: string, type: 'ecdsa' | 'bls', random: Random): Promise<IbftValidator> {
  const secrets = new LocalSecrets(folder, random);
  const key = await secrets.read('validator-key');
  if (key === undefined) throw usageError('failed to read from prefix: ECDSA key not found in given path');
  const validator = { address: addressOf(publicKeyOf(key.reveal(), false)) };
  if (type === 'ecdsa') return validator;
  const blsKey = await secrets.read('validator-bls-key');
  if (blsKey === undefined) throw usageError('failed to read from prefix: BLS key not found in given path');
  return { ...validator, blsPublicKey: blsPublicKey(blsKey.reveal()) };
}

function blsValidator(text: string): IbftValidator {
  const [account = '', key, ...rest] = text.split(':');
  if (key === undefined || rest.length > 0) {
    throw usageError('invalid validator format, expected [Validator Address]:[BLS Public Key]');
  }
  const bytes = hex(key);
  if (bytes?.length !== BLS_KEY_BYTES) {
    throw usageError(`failed to parse BLS Public Key: ${key} is not ${BLS_KEY_BYTES} bytes in hex`);
  }
  return { address: address(account), blsPublicKey: bytes };
}

function address(text: string): Uint8Array {
  const bytes = hex(text);
  if (bytes?.length === ADDRESS_BYTES) return bytes;
  throw usageError(`failed to parse address: ${text} is not ${ADDRESS_BYTES} bytes in hex`);
}

const hex = (text: string) => fromHex(`0x${text.replace(/^0x/, '')}`);
