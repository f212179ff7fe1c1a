import { keccak_256 } from '@noble/hashes/sha3.js';
import { createKeccak, type IHasher } from 'hash-wasm';

/**
 * One instance for the whole process: it has no state between init and digest, and every call is synchronous. It is
 * compiled in the background, as waiting for it here would keep CommonJS from `require()`; portable code stands in until
 * then, and for good where there is no WebAssembly.
 */
let fast: IHasher | undefined;

/** Resolves when hashing has become fast, or will not. */
export const keccakReady: Promise<void> = createKeccak(256).then(
  (hasher) => {
    fast = hasher;
  },
  () => undefined,
);

/** keccak-256 (the original padding, not SHA-3); 32 bytes of the caller's own. */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  if (fast === undefined) return portable(parts);
  fast.init();
  for (const part of parts) fast.update(part);
  return fast.digest('binary');
}

function portable(parts: readonly Uint8Array[]): Uint8Array {
  const hash = keccak_256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
