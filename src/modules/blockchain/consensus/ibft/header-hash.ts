import { encodedBeforeExtra } from '../../codec/header.codec.js';
import { keccak256 } from '../../crypto/keccak.js';
import type { Header } from '../../ports/types.js';
import { encodeList, prefixOf } from '../../rlp/rlp.js';
import {
  decodeIbftExtra,
  emptySeals,
  encodeValidators,
  type IbftExtraContext,
  isEmptySeals,
} from './extra.js';

const NO_PARENT_SEALS = Uint8Array.of(0xc0);
const EMPTY_STRING = Uint8Array.of(0x80);

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
  const extra = decodeIbftExtra(header.extraData, { ...kinds, number });
  const { vanity, validators, rawValidators = encodeValidators(validators), parentSeals } = extra;
  const unsealed = encodeList([
    rawValidators,
    EMPTY_STRING,
    emptySeals(kinds.bls),
    isEmptySeals(parentSeals) ? NO_PARENT_SEALS : parentSeals,
    EMPTY_STRING,
  ]);
  return keccak256(
    encodeList([
      encodedBeforeExtra(header),
      prefixOf('string', vanity.length + unsealed.length),
      vanity,
      unsealed,
    ]),
  );
}
