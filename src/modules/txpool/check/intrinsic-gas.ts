import type { NextBlockRules } from './next-block-rules.js';

const TRANSACTION_GAS = 21_000;
const CREATION_GAS = 53_000;
const ZERO_BYTE_GAS = 4;
const OTHER_BYTE_GAS = 68;
const OTHER_BYTE_GAS_ISTANBUL = 16;

/**
 * What a transaction costs before any of it is executed. Its size keeps this far below 2^53.
 * @see polygon-edge@597a0f3 state/executor.go TransactionGasCost
 */
export function intrinsicGas(
  { to, input }: { readonly to: Uint8Array | undefined; readonly input: Uint8Array },
  { isHomestead, isIstanbul }: Pick<NextBlockRules, 'isHomestead' | 'isIstanbul'>,
): bigint {
  let zeros = 0;
  for (let at = 0; at < input.length; at++) if (input[at] === 0) zeros++;
  const perOther = isIstanbul ? OTHER_BYTE_GAS_ISTANBUL : OTHER_BYTE_GAS;
  const base = to === undefined && isHomestead ? CREATION_GAS : TRANSACTION_GAS;
  return BigInt(base + zeros * ZERO_BYTE_GAS + (input.length - zeros) * perOther);
}
