import { createHash } from 'node:crypto';
import type { G1 } from 'mcl-wasm';
import { bn254 } from './bn254-mcl.js';

const SHA256_BLOCK = new Uint8Array(64);
const UNIFORM_BYTES = 96;
const HASHES = UNIFORM_BYTES / 32;

/**
 * The point of G1 that stands for a message: the sum of two, each mapped from 48 bytes modulo p.
 *
 * mcl's own map for this curve is the one of the Go client (Fouque and Tibouchi, the same constants, the same choice of the
 * sign of y), which the vectors in the specs hold it to.
 * @param domain At most 255 bytes.
 * @see polygon-edge@597a0f3 bls/arithmetic.go hashToPoint
 */
export function hashToG1(message: Uint8Array, domain: Uint8Array): G1 {
  const { mcl } = bn254();
  const uniform = expandMessage(message, domain);
  return mcl.add(
    mapToG1(uniform.subarray(0, UNIFORM_BYTES / 2)),
    mapToG1(uniform.subarray(UNIFORM_BYTES / 2)),
  );
}

function mapToG1(uniform: Uint8Array): G1 {
  const field = new (bn254().mcl.Fp)();
  field.setBigEndianMod(uniform);
  return field.mapToG1();
}

/** expand_message_xmd of RFC 9380 with SHA-256, 96 bytes. @see polygon-edge@597a0f3 bls/arithmetic.go expandMsgSHA256XMD */
function expandMessage(message: Uint8Array, domain: Uint8Array): Uint8Array {
  const sha256 = (...parts: readonly Uint8Array[]) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.update(domain).update(Uint8Array.of(domain.length)).digest();
  };
  const first = sha256(SHA256_BLOCK, message, Uint8Array.of(0, UNIFORM_BYTES, 0));
  const uniform = new Uint8Array(UNIFORM_BYTES);
  let previous = new Uint8Array(32);
  for (let index = 0; index < HASHES; index++) {
    const mixed = first.map((byte, at) => byte ^ (previous[at] ?? 0));
    previous = sha256(mixed, Uint8Array.of(index + 1));
    uniform.set(previous, index * 32);
  }
  return uniform;
}
