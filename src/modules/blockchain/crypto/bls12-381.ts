import { SecretKey } from '@chainsafe/blst';
import type { Random } from '../../../common/random.js';

/**
 * The compressed public key (48 bytes, a point of G1) of an IBFT BLS secret: 32 bytes, a big-endian scalar.
 * @throws {Error} when the scalar is zero, too large or not of 32 bytes
 * @see polygon-edge@597a0f3 crypto/crypto.go BLSSecretKeyToPubkeyBytes
 */
export function blsPublicKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(SecretKey.fromBytes(secret).toPublicKey().toBytes(true));
}

/** A new IBFT BLS secret: 32 bytes, a big-endian scalar. */
export function generateBlsSecret(random: Random): Uint8Array {
  return new Uint8Array(SecretKey.fromKeygen(random.bytes(32)).toBytes());
}
