import { createRequire } from 'node:module';
import type secp256k1 from 'secp256k1';

type Secp256k1 = typeof secp256k1;

interface Loaded {
  readonly api: Secp256k1;
  readonly backend: 'native' | 'javascript';
  readonly cause?: unknown;
}

/**
 * The native addon, or the same in JavaScript where `load` cannot give that. The package's own entry falls back
 * without a word; at 26 times the cost that must be seen.
 */
export function loadSecp256k1(load: (path: string) => unknown): Loaded {
  try {
    return { api: load('secp256k1/bindings.js') as Secp256k1, backend: 'native' };
  } catch (cause) {
    return { api: load('secp256k1/elliptic.js') as Secp256k1, backend: 'javascript', cause };
  }
}

const { api, backend, cause } = loadSecp256k1(createRequire(import.meta.url));

/** Which implementation runs, and why it is not the native one. */
export const secp256k1Backend: { readonly name: 'native' | 'javascript'; readonly cause?: unknown } = {
  name: backend,
  cause,
};

const SEAL_BYTES = 65;
const DIGEST_BYTES = 32;
// Half of the order of the group, rounded down.
const HALF_ORDER = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex');

/**
 * The 65-byte uncompressed public key that made `seal` (r‖s‖v) over `digest`; undefined when there is none.
 * As in the Go client any v other than 1 counts as 0.
 * @see polygon-edge@597a0f3 crypto/crypto.go RecoverPubkey
 */
export function recoverPublicKey(digest: Uint8Array, seal: Uint8Array): Uint8Array | undefined {
  if (seal.length !== SEAL_BYTES || digest.length !== DIGEST_BYTES) return undefined;
  try {
    return api.ecdsaRecover(seal.subarray(0, 64), seal[64] === 1 ? 1 : 0, digest, false);
  } catch (error) {
    // Its way of saying that r and s belong to no key; anything else is a bug of ours.
    if (error instanceof TypeError) throw error;
    return undefined;
  }
}

/**
 * r‖s‖v with v 0 or 1, s in the lower half; deterministic (RFC 6979).
 * @see polygon-edge@597a0f3 crypto/crypto.go Sign
 */
export function signRecoverable(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const { signature, recid } = api.ecdsaSign(digest, privateKey);
  const seal = new Uint8Array(SEAL_BYTES);
  seal.set(signature);
  seal[64] = recid;
  return seal;
}

/**
 * Whether a seal is in the one form that honest signers write: 65 bytes, v 0 or 1, s in the lower half. Every other form
 * has the same signer, and no hash covers it.
 */
export function isCanonicalSeal(seal: Uint8Array): boolean {
  const v = seal[64];
  return (
    seal.length === SEAL_BYTES &&
    (v === 0 || v === 1) &&
    Buffer.compare(seal.subarray(32, 64), HALF_ORDER) <= 0
  );
}

/** 33 bytes compressed, 65 otherwise. The key must be valid. */
export function publicKeyOf(privateKey: Uint8Array, compressed: boolean): Uint8Array {
  return api.publicKeyCreate(privateKey, compressed);
}

/** Whether these are 32 bytes of a scalar from 1 to the group order minus 1. */
export function isValidPrivateKey(privateKey: Uint8Array): boolean {
  return privateKey.length === 32 && api.privateKeyVerify(privateKey);
}
