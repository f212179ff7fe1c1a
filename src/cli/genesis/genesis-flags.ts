import { stat } from 'node:fs/promises';
import { osErrorText } from '../../common/os-error.js';
import { usageError } from '../command-context.js';
import type { Given } from '../flags.js';

const MAX_SAFE_COUNT = 2n ** 53n - 2n;
/** The largest number that can stand in a genesis file here. */
export const MAX_NUMBER = 2n ** 53n - 1n;

/** Why a text is no number, in the words of Go. */
export const syntax = (text: string) => `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;

/** Refuses --validators beside what names folders of validators. */
export function refuseTwoSources(given: Given): void {
  for (const flag of ['validators-path', 'validators-prefix']) {
    if (given.validators === undefined || given[flag] === undefined) continue;
    const group = `[validators ${flag}]`;
    throw usageError(
      `if any flags in the group ${group} are set none of the others can be; ${group} were all set`,
    );
  }
}

/** @see polygon-edge@597a0f3 command/common.go ValidateMinMaxValidatorsNumber */
export function checkCounts(least: bigint, most: bigint): void {
  if (least < 1n) throw usageError('minimum number of validators must be greater than 0');
  if (least > most) {
    throw usageError('minimum number of validators can not be greater than the maximum number of validators');
  }
  if (most > MAX_SAFE_COUNT) {
    throw usageError('maximum number of validators must be lower or equal than MaxSafeJSInt (2^53 - 2)');
  }
}

/** Refuses a folder of validators that is not there. */
export async function requireFolder(path: string): Promise<void> {
  await stat(path).catch((error: unknown) => {
    throw usageError(
      `invalid validators path ('${path}') provided. Error: stat ${path}: ${osErrorText(error)}`,
    );
  });
}
