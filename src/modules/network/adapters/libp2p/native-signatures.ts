import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { Secp256k1PublicKey } from '@libp2p/interface';
import type secp256k1 from 'secp256k1';

type Verify = Secp256k1PublicKey['verify'];

/** Any valid key will do to reach the class, which the library does not export: the curve's generator. */
const GENERATOR = Buffer.from('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798', 'hex');

/**
 * Makes every secp256k1 key of libp2p verify in native code, which is 25 times as fast: signatures of gossip, Noise
 * handshakes and peer records. Accepts exactly what the library does (strict DER, s in the lower half); what the
 * library answers to a malformed signature with an error is false here.
 *
 * @param load Gives the native addon; where it cannot, the library's own code stays.
 * @returns whether native code verifies from now on.
 */
export function useNativeSignatures(
  load: (path: string) => unknown = createRequire(import.meta.url),
): boolean {
  const native = loaded(load);
  if (native === undefined) return false;
  const verify: Verify = function (this: Secp256k1PublicKey, data, signature, options) {
    options?.signal?.throwIfAborted();
    const hash = createHash('sha256');
    if (data instanceof Uint8Array) hash.update(data);
    else for (const part of data) hash.update(part);
    try {
      return native.ecdsaVerify(native.signatureImport(signature), hash.digest(), this.raw);
    } catch {
      // The addon throws when the signature is no DER or its numbers are out of range.
      return false;
    }
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
