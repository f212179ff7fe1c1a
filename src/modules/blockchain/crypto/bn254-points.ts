import type { Fp, G1, G2 } from 'mcl-wasm';
import { bn254 } from './bn254-mcl.js';

/** x.c1‖x.c0‖y.c1‖y.c0. */
export const BN254_PUBLIC_KEY_BYTES = 128;
const FIELD_BYTES = 32;
const SIGNATURE_BYTES = 64;
const MODULUS = Buffer.from('30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47', 'hex');

/**
 * A signature: x‖y, 64 bytes. Undefined when a coordinate is not below the modulus and when the point is not on the curve,
 * all of which is the subgroup; infinity, which is encoded as zeros, is not.
 * @see polygon-edge@597a0f3 bls/signature.go UnmarshalSignature
 */
export function decodeG1(bytes: Uint8Array): G1 | undefined {
  if (bytes.length !== SIGNATURE_BYTES) return undefined;
  const { mcl } = bn254();
  const [x, y] = [readField(bytes, 0), readField(bytes, 1)];
  if (x === undefined || y === undefined) return undefined;
  const point = new mcl.G1();
  const one = new mcl.Fp();
  one.setInt(1);
  point.setX(x);
  point.setY(y);
  point.setZ(one);
  return point.isValid() ? point : undefined;
}

/**
 * A public key of 128 bytes. Undefined when a coordinate is not below the modulus, and when the point is not on the curve
 * (as infinity, which is encoded as zeros, is not) or not in the subgroup.
 * @see polygon-edge@597a0f3 bls/public.go UnmarshalPublicKey
 */
export function decodeG2(bytes: Uint8Array): G2 | undefined {
  if (bytes.length !== BN254_PUBLIC_KEY_BYTES) return undefined;
  const { mcl } = bn254();
  const [xc1, xc0, yc1, yc0] = [0, 1, 2, 3].map((index) => readField(bytes, index));
  if (xc1 === undefined || xc0 === undefined || yc1 === undefined || yc0 === undefined) return undefined;
  const point = new mcl.G2();
  const coordinate = (a: Fp, b: Fp) => {
    const value = new mcl.Fp2();
    value.set_a(a);
    value.set_b(b);
    return value;
  };
  const one = new mcl.Fp2();
  one.setInt(1, 0);
  point.setX(coordinate(xc0, xc1));
  point.setY(coordinate(yc0, yc1));
  point.setZ(one);
  return point.isValid() && point.isValidOrder() ? point : undefined;
}

/** Zeros for infinity. */
export function encodeG1(point: G1): Uint8Array {
  const affine = bn254().mcl.normalize(point);
  return writeFields(affine.isZero() ? [] : [affine.getX(), affine.getY()], SIGNATURE_BYTES);
}

/** The point must not be infinity. */
export function encodeG2(point: G2): Uint8Array {
  const affine = bn254().mcl.normalize(point);
  const [x, y] = [affine.getX(), affine.getY()];
  return writeFields([x.get_b(), x.get_a(), y.get_b(), y.get_a()], BN254_PUBLIC_KEY_BYTES);
}

function readField(bytes: Uint8Array, index: number): Fp | undefined {
  const part = bytes.subarray(index * FIELD_BYTES, (index + 1) * FIELD_BYTES);
  if (Buffer.compare(part, MODULUS) >= 0) return undefined;
  const value = new (bn254().mcl.Fp)();
  value.setBigEndianMod(part);
  return value;
}

function writeFields(values: readonly Fp[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  // mcl writes the lowest byte first.
  for (const [index, value] of values.entries()) bytes.set(value.serialize().reverse(), index * FIELD_BYTES);
  return bytes;
}
