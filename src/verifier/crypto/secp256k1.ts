import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bigEndian, compareBytes } from '../../common/bytes.js';

const SEAL_BYTES = 65;
const DIGEST_BYTES = 32;
const HALF_ORDER = bigEndian(secp256k1.Point.Fn.ORDER >> 1n, 32);

/** The 65-byte uncompressed public key that made `seal` (r‖s‖v) over `digest`; undefined when there is none. */
export function recoverPublicKey(digest: Uint8Array, seal: Uint8Array): Uint8Array | undefined {
  if (seal.length !== SEAL_BYTES || digest.length !== DIGEST_BYTES) return undefined;
  try {
    return secp256k1.Signature.fromBytes(seal.subarray(0, 64), 'compact')
      .addRecoveryBit(seal[64] === 1 ? 1 : 0)
      .recoverPublicKey(digest)
      .toBytes(false);
  } catch {
    // Its way of saying that r and s belong to no key.
    return undefined;
  }
}

/** Whether a seal is in the one form that honest signers write: 65 bytes, v 0 or 1, s in the lower half. */
export function isCanonicalSeal(seal: Uint8Array): boolean {
  const v = seal[64];
  return (
    seal.length === SEAL_BYTES && (v === 0 || v === 1) && compareBytes(seal.subarray(32, 64), HALF_ORDER) <= 0
  );
}
