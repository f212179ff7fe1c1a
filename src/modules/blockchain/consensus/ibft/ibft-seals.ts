import type { BlockSeals, HashedHeader, Validator } from '../../ports/consensus.port.js';
import { addressesIn } from '../addresses-in.js';
import { decodeIbftExtra, isEmptySeals } from './extra.js';
import { signersOf } from './ibft-evidence.js';
import type { IbftSchedule } from './ibft-schedule.js';
import { SealReader } from './read-seals.js';

/** Who sealed a verified IBFT block; undefined for genesis. @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA | BLOCKCHAIN.BAD_SEAL */
export function ibftSeals(
  { header: { number, extraData }, hash }: HashedHeader,
  set: readonly Validator[] | undefined,
  schedule: Pick<IbftSchedule, 'sealKinds'>,
): BlockSeals | undefined {
  if (number === 0) return undefined;
  const { bls, parentBls } = schedule.sealKinds(number);
  const extra = decodeIbftExtra(extraData, { number, bls, parentBls });
  const reader = new SealReader();
  const evidence = reader.committedSeals({ number, hash, extra, bls, setKey: '' });
  const known = {
    round: extra.round,
    proposer: reader.proposer(extra, hash, number) ?? '',
    hasParentSeals: !isEmptySeals(extra.parentSeals),
  };
  if (evidence.kind === 'ecdsa') return { ...known, committed: evidence.signers, bitmap: undefined };
  return { ...known, committed: addressesIn(set, signersOf(evidence.bitmap)), bitmap: evidence.bitmap };
}
