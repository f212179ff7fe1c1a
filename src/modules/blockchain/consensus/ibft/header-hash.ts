import { headerItems } from '../../codec/header.codec.js';
import { keccak256 } from '../../crypto/keccak.js';
import type { Header } from '../../ports/types.js';
import { encodeBytes, encodeList } from '../../rlp/rlp.js';
import {
  decodeIbftExtra,
  emptySeals,
  encodeIbftExtra,
  type IbftExtraContext,
  isEmptySeals,
} from './extra.js';

const EXTRA_INDEX = 12;
const NO_PARENT_SEALS = Uint8Array.of(0xc0);

/** Which kind of validators signed a header and its parent. */
export type IbftSealKinds = Pick<IbftExtraContext, 'bls' | 'parentBls'>;

/**
 * keccak-256 over the first 13 items, the extra without proposer seal, committed seals and round. Not covered, so free
 * for whoever serves the block: those three, and mixHash, nonce and baseFee.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA
 * @see polygon-edge@597a0f3 consensus/ibft/signer/signer.go FilterHeaderForHash
 */
export function ibftHeaderHash(header: Header, kinds: IbftSealKinds): Uint8Array {
  const { number } = header;
  const { vanity, validators, parentSeals } = decodeIbftExtra(header.extraData, { ...kinds, number });
  const hashed = encodeIbftExtra({
    vanity,
    validators,
    proposerSeal: new Uint8Array(),
    committedSeals: emptySeals(kinds.bls),
    parentSeals: isEmptySeals(parentSeals) ? NO_PARENT_SEALS : parentSeals,
  });
  return keccak256(encodeList([...headerItems(header).slice(0, EXTRA_INDEX), encodeBytes(hashed)]));
}
