import type { Header } from '../../ports/types.js';

/** @see polygon-edge@597a0f3 chain/params.go GenesisBaseFee */
const DEFAULT_BASE_FEE = 1_000_000_000n;
const UINT64 = 64;

/** What the genesis file says of base fees; the last two are more than 0 where London is active. */
export interface BaseFeeRules {
  readonly baseFee: bigint;
  readonly elasticity: bigint;
  readonly changeDenominator: bigint;
}

/**
 * The base fee of the block after `parent`, wei per gas; in wrapping 64-bit integers, as Go does it.
 * @param isLondon Whether London is active at the parent.
 * @see polygon-edge@597a0f3 blockchain/blockchain.go CalculateBaseFee
 */
export function nextBaseFee(
  { baseFee, gasLimit, gasUsed }: Pick<Header, 'baseFee' | 'gasLimit' | 'gasUsed'>,
  isLondon: boolean,
  rules: BaseFeeRules,
): bigint {
  if (!isLondon) return 0n;
  if (baseFee === 0n) return rules.baseFee > 0n ? rules.baseFee : DEFAULT_BASE_FEE;
  const target = gasLimit / rules.elasticity;
  if (gasUsed === target || target === 0n) return baseFee;
  const distance = gasUsed > target ? gasUsed - target : target - gasUsed;
  const delta = BigInt.asUintN(UINT64, baseFee * distance) / target / rules.changeDenominator;
  if (gasUsed > target) return BigInt.asUintN(UINT64, baseFee + (delta > 1n ? delta : 1n));
  return BigInt.asUintN(UINT64, baseFee - delta);
}
