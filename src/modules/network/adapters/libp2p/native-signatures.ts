import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { Secp256k1PublicKey } from '@libp2p/interface';
import type secp256k1 from 'secp256k1';

type Verify = Secp256k1PublicKey['verify'];

/** Whether the key of 33 bytes signed what has this SHA-256 hash; false for keys and signatures that are none. */
export type VerifyHash = (publicKey: Uint8Array, hash: Uint8Array, signature: Uint8Array) => boolean;

/** Any valid key will do to reach the class, which the library does not export: the curve's generator. */
const GENERATOR = Buffer.from('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798', 'hex');

/**
 * Verifies signatures of secp256k1 in native code, 25 times as fast as libp2p does; undefined where there is none.
 *
 * @param load Gives the native addon.
 * @remarks Differs: libp2p takes s in the lower half only. Go peers take and relay both halves; a neighbour is not to be
 * blamed for what an author chose.
 * @see go-libp2p core/crypto/secp256k1.go Verify, dcrec/secp256k1 ecdsa.ParseDERSignature
 */
export function nativeVerify(
  load: (path: string) => unknown = createRequire(import.meta.url),
): VerifyHash | undefined {
  const native = loaded(load);
  if (native === undefined) return undefined;
  return (publicKey, hash, signature) => {
    try {
      const lower = native.signatureNormalize(native.signatureImport(signature));
      return native.ecdsaVerify(lower, hash, publicKey);
    } catch {
      // The addon throws when the signature is no DER or its numbers are out of range, and when the key is none.
      return false;
    }
  };
}

/**
 * Makes every secp256k1 key of libp2p verify in native code: signatures of gossip, Noise handshakes and peer records.
 * False where the library throws at a malformed signature.
 *
 * @param load Gives the native addon; where it cannot, the library's own code stays.
 * @returns whether native code verifies from now on.
 */
export function useNativeSignatures(load?: (path: string) => unknown): boolean {
  const verifyHash = nativeVerify(load);
  if (verifyHash === undefined) return false;
  const verify: Verify = function (this: Secp256k1PublicKey, data, signature, options) {
    options?.signal?.throwIfAborted();
    const hash = createHash('sha256');
    if (data instanceof Uint8Array) hash.update(data);
    else for (const part of data) hash.update(part);
    return verifyHash(this.raw, hash.digest(), signature);
  };
  const prototype: { verify: Verify } = Object.getPrototypeOf(publicKeyFromRaw(GENERATOR));
  prototype.verify = verify;
  return true;
}

function loaded(load: (path: string) => unknown): typeof secp256k1 | undefined {
  try {
    return load('secp256k1/bindings.js') as typeof secp256k1;
  } catch {
    // Not built for this platform: blockchain's crypto warns of that.
    return undefined;
  }
}
