import { toHex } from '../../../common/bytes.js';
import type { IbftValidator } from '../consensus/ibft/extra.js';
import { proposerInTurn } from '../consensus/ibft/proposer-turn.js';
import type { SealKey } from '../consensus/ibft/write-seals.js';

/** Who makes the next block. */
export interface Turn {
  readonly proposer: SealKey;
  /** The first in which one of our validators proposes: for the others the rounds before pass by. */
  readonly round: number;
  readonly signers: readonly SealKey[];
}

/**
 * How our keys make the next block of a set; undefined when they are not as many as the live consensus gathers, which is
 * floor(2N/3)+1.
 * @param last Proposer of the block before; undefined after genesis.
 * @see go-ibft@v0.4.1 core/validator_manager.go calculateQuorum
 */
export function chooseTurn(
  set: readonly IbftValidator[],
  keys: readonly SealKey[],
  last: Uint8Array | undefined,
): Turn | undefined {
  const ours = new Map(keys.map((key) => [toHex(key.address), key]));
  const keyOf = (validator: IbftValidator | undefined) => validator && ours.get(toHex(validator.address));
  const signers = set.map(keyOf).filter((key) => key !== undefined);
  if (signers.length < quorumOf(set)) return undefined;
  for (let round = 0; round < set.length; round++) {
    const proposer = keyOf(proposerInTurn(set, last, round));
    if (proposer !== undefined) return { proposer, round, signers };
  }
  return undefined;
}

/** How many seals a block gathers. */
export function quorumOf(set: readonly IbftValidator[]): number {
  return Math.floor((2 * set.length) / 3) + 1;
}
