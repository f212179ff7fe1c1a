import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve.js';
import { bn254 } from '@noble/curves/bn254.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../common/bytes.js';

const { Fp } = bn254.fields;
const G1 = bn254.G1.Point;
type G1 = InstanceType<typeof G1>;

const UNIFORM_BYTES = 96;
// The square root of -3, and half of that root minus 1.
const Z0 = 0xb3c4d79d41a91759a9e4c7e359b6b89eaec68e62effffffdn;
const Z1 = 0x59e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffen;

/** The point of G1 that stands for a message: the sum of two, each mapped from 48 bytes. @see polygon-edge@597a0f3 bls/arithmetic.go hashToPoint */
export function hashToG1(message: Uint8Array, domain: Uint8Array): G1 {
  const uniform = expand_message_xmd(message, domain, UNIFORM_BYTES, sha256);
  const half = UNIFORM_BYTES / 2;
  const map = (bytes: Uint8Array) => mapToPoint(Fp.create(BigInt(toHex(bytes))));
  return map(uniform.subarray(0, half)).add(map(uniform.subarray(half)));
}

/** Fouque and Tibouchi's map. @see polygon-edge@597a0f3 bls/arithmetic.go mapToPoint */
function mapToPoint(x: bigint): G1 {
  const isSquare = squareRoot(x) !== undefined;
  const a0 = Fp.add(Fp.sqr(x), 4n);
  const scaled = Fp.mul(x, Z0);
  const a2 = Fp.inv(Fp.mul(scaled, a0));
  const a1 = Fp.mul(Fp.mul(Fp.sqr(scaled), a2), x);
  const x1 = Fp.sub(Z1, a1);
  const x2 = Fp.neg(Fp.add(x1, 1n));
  const x3 = Fp.add(Fp.mul(Fp.sqr(Fp.sqr(a0)), Fp.sqr(a2)), 1n);
  for (const candidate of [x1, x2, x3]) {
    const y = squareRoot(Fp.add(Fp.mul(Fp.sqr(candidate), candidate), 3n));
    if (y !== undefined) return G1.fromAffine({ x: candidate, y: isSquare ? y : Fp.neg(y) });
  }
  throw new Error('the map gave no point');
}

function squareRoot(value: bigint): bigint | undefined {
  try {
    return Fp.sqrt(value);
  } catch {
    // Its way of saying that there is none.
    return undefined;
  }
}
