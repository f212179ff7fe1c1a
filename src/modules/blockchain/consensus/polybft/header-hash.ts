import { concatBytes } from '../../../../common/bytes.js';
import { encodeHeader } from '../../codec/header.codec.js';
import { keccak256 } from '../../crypto/keccak.js';
import type { Header } from '../../ports/types.js';
import { encodeList } from '../../rlp/rlp.js';
import { decodePolybftExtra, POLYBFT_VANITY_BYTES } from './extra.js';

const NO_SIGNATURE = encodeList([Uint8Array.of(0x80), Uint8Array.of(0x80)]);

/**
 * keccak-256 over all 16 items; in the extra the vanity is zero and the committed signature two empty strings.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA
 * @see polygon-edge@597a0f3 consensus/polybft/hash.go setupHeaderHashFunc
 */
export function polybftHeaderHash(header: Header): Uint8Array {
  const { extraData } = withoutOwnSeal(header);
  const hashed = new Uint8Array(extraData.length);
  hashed.set(extraData.subarray(POLYBFT_VANITY_BYTES), POLYBFT_VANITY_BYTES);
  return keccak256(encodeHeader({ ...header, extraData: hashed }));
}

/**
 * The header with two empty strings in place of the signature over itself; the vanity stays.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA
 * @see polygon-edge@597a0f3 consensus/polybft/polybft.go FilterExtra
 */
export function withoutOwnSeal(header: Header): Header {
  const { validators, parent, checkpoint } = decodePolybftExtra(header.extraData, header.number);
  const vanity = header.extraData.subarray(0, POLYBFT_VANITY_BYTES);
  const items = encodeList([validators, parent, NO_SIGNATURE, checkpoint]);
  return { ...header, extraData: concatBytes([vanity, items]) };
}
