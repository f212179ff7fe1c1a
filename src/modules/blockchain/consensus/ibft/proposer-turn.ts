import type { IbftValidator } from './extra.js';
import { positionIn } from './votes.js';

/**
 * Whose turn it is to propose in a round; undefined in an empty set.
 * @param last Proposer of the block before; undefined after genesis.
 * @see polygon-edge@597a0f3 consensus/ibft/validators.go CalcProposer
 */
export function proposerInTurn<V extends IbftValidator>(
  set: readonly V[],
  last: Uint8Array | undefined,
  round: number,
): V | undefined {
  const offset = last === undefined ? 0 : Math.max(positionIn(set, last), 0) + 1;
  return set[(offset + round) % set.length];
}
