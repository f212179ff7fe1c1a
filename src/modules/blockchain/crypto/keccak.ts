import { createKeccak } from 'hash-wasm';

// One instance for the whole process: it has no state between init and digest, and every call is synchronous.
const hasher = await createKeccak(256);

/** keccak-256 (the original padding, not SHA-3); 32 bytes of the caller's own. */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  hasher.init();
  for (const part of parts) hasher.update(part);
  return hasher.digest('binary');
}
