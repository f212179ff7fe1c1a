import { toHex } from '../../../../common/bytes.js';
import type { BlockSeals, Validator } from '../../ports/consensus.port.js';
import type { Header } from '../../ports/types.js';
import { addressesIn } from '../addresses-in.js';
import { checkpointOf, decodePolybftExtra, signatureOf } from './extra.js';
import { positionsIn } from './validator-set.js';

/** Who sealed a verified PolyBFT block; undefined for genesis. The miner is the proposer. @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA */
export function polybftSeals(
  { number, extraData, miner }: Header,
  set: readonly Validator[] | undefined,
): BlockSeals | undefined {
  const extra = decodePolybftExtra(extraData, number);
  const committed = signatureOf(extra.committed);
  if (number === 0 || committed === undefined) return undefined;
  return {
    round: checkpointOf(extra)?.blockRound,
    proposer: toHex(miner),
    committed: addressesIn(set, positionsIn(committed.bitmap)),
    bitmap: committed.bitmap,
    hasParentSeals: signatureOf(extra.parent) !== undefined,
  };
}
