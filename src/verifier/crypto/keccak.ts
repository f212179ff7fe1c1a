import { keccak_256 } from '@noble/hashes/sha3.js';

/** keccak-256 (the original padding, not SHA-3); 32 bytes of the caller's own. */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = keccak_256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
