import type { ValidatorSecrets } from '../../config/ports/secrets.port.js';
import type { LocalSecrets } from '../../config/secrets/local-secrets.js';
import { type SealKey, sealKey } from '../../modules/blockchain/index.js';

export type DevValidatorType = 'ecdsa' | 'bls';

/** What keys `dev` is to have. */
export interface DevKeysPlan {
  /** How many validators at least. */
  readonly count: number;
  /** Of the keys in a new folder; one that has keys goes on with their kind. */
  readonly type: DevValidatorType;
}

/**
 * The validators of a data folder, with new ones up to the wanted number: `consensus/validator.key`, then
 * `consensus/validator-2.key` and so on, each with a BLS key beside it where the first has one.
 * @throws {ConfigError} when a key file cannot be used
 */
export async function ensureDevKeys(secrets: LocalSecrets, { count, type }: DevKeysPlan): Promise<SealKey[]> {
  const validators: ValidatorSecrets[] = [...(await secrets.validators())];
  const [first] = validators;
  const isBls = first === undefined ? type === 'bls' : first.blsKey !== undefined;
  for (let number = validators.length + 1; number <= count; number++) {
    const key = await secrets.create('validator-key', number);
    const blsKey = isBls ? await secrets.create('validator-bls-key', number) : undefined;
    validators.push({ key, blsKey });
  }
  return validators.map(({ key, blsKey }) => sealKey(key.reveal(), blsKey?.reveal()));
}
