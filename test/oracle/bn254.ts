import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve.js';
import { bn254 } from '@noble/curves/bn254.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Random } from '../../src/common/random.js';
import type { Aggregate } from '../../src/modules/blockchain/crypto/aggregate.js';
import { type AggregateCase, type AggregateOracle, aggregateCases, randomBelow } from './aggregate-cases.js';
import { memoised } from './memoised.js';

const { Fp, Fp2, Fp12, Fr } = bn254.fields;
const [G1, G2] = [bn254.G1.Point, bn254.G2.Point];
type G1 = InstanceType<typeof G1>;
type G2 = InstanceType<typeof G2>;
type Fp2 = ReturnType<typeof Fp2.create>;

/** The domain of block seals. */
const domain = keccak_256(Buffer.from('DOMAIN_CHECKPOINT_MANAGER'));

// The square root of -3, and half of that root minus 1.
const Z0 = 0xb3c4d79d41a91759a9e4c7e359b6b89eaec68e62effffffdn;
const Z1 = 0x59e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffen;

function squareRoot<T>(field: { sqrt(value: T): T }, value: T): T | undefined {
  try {
    return field.sqrt(value);
  } catch {
    // Its way of saying that there is none.
    return undefined;
  }
}

/** Step for step as in the Go client. @see polygon-edge@597a0f3 bls/arithmetic.go mapToPoint */
function mapToPoint(x: bigint): G1 {
  const isSquare = squareRoot(Fp, x) !== undefined;
  const a0 = Fp.add(Fp.sqr(x), 4n);
  const scaled = Fp.mul(x, Z0);
  const a2 = Fp.inv(Fp.mul(scaled, a0));
  const a1 = Fp.mul(Fp.mul(Fp.sqr(scaled), a2), x);
  const x1 = Fp.sub(Z1, a1);
  const x2 = Fp.neg(Fp.add(x1, 1n));
  const x3 = Fp.add(Fp.mul(Fp.sqr(Fp.sqr(a0)), Fp.sqr(a2)), 1n);
  for (const candidate of [x1, x2, x3]) {
    const y = squareRoot(Fp, Fp.add(Fp.mul(Fp.sqr(candidate), candidate), 3n));
    if (y !== undefined) return G1.fromAffine({ x: candidate, y: isSquare ? y : Fp.neg(y) });
  }
  throw new Error('the map gave no point');
}

/** The point of a message for any domain. */
export function hashToPoint(message: Uint8Array, forDomain: Uint8Array): G1 {
  const uniform = expand_message_xmd(message, forDomain, 96, sha256);
  const [u0, u1] = [uniform.subarray(0, 48), uniform.subarray(48)].map((part) =>
    mapToPoint(Fp.create(bytesToNumberBE(part))),
  );
  if (u0 === undefined || u1 === undefined) throw new Error('no points');
  return u0.add(u1);
}

const hash = memoised((message) => hashToPoint(message, domain));

function numbers(bytes: Uint8Array, count: number): bigint[] {
  if (bytes.length !== count * 32) throw new Error('length');
  return Array.from({ length: count }, (_, index) => {
    const value = bytesToNumberBE(bytes.subarray(index * 32, (index + 1) * 32));
    if (value >= Fp.ORDER) throw new Error('not canonical');
    return value;
  });
}

const decodeKey = memoised((bytes): G2 => {
  const [xc1 = 0n, xc0 = 0n, yc1 = 0n, yc0 = 0n] = numbers(bytes, 4);
  const point = G2.fromAffine({ x: Fp2.create({ c0: xc0, c1: xc1 }), y: Fp2.create({ c0: yc0, c1: yc1 }) });
  // On the curve, in the subgroup and not infinity.
  point.assertValidity();
  return point;
});

function encode(...values: bigint[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [...numberToBytesBE(value, 32)]));
}

/** x‖y. */
export function encodeG1(point: G1): Uint8Array {
  const { x, y } = point.toAffine();
  return encode(x, y);
}

function encodeG2({ x, y }: { x: Fp2; y: Fp2 }): Uint8Array {
  return encode(x.c1, x.c0, y.c1, y.c0);
}

/** A point of the twist; in its subgroup with a chance of 1 in 2^254. */
function randomTwistPoint(random: Random): Uint8Array {
  const base = G2.BASE.toAffine();
  const b = Fp2.sub(Fp2.sqr(base.y), Fp2.mul(Fp2.sqr(base.x), base.x));
  for (;;) {
    const x = Fp2.create({ c0: randomBelow(Fp.ORDER, random), c1: randomBelow(Fp.ORDER, random) });
    const y = squareRoot(Fp2, Fp2.add(Fp2.mul(Fp2.sqr(x), x), b));
    if (y !== undefined) return encodeG2({ x, y });
  }
}

/** The scheme of PolyBFT's seals in noble's BN254, with the Go client's rules on what a key and a signature are. */
export const bn254Oracle: AggregateOracle = {
  order: Fr.ORDER,
  infinityKey: new Uint8Array(128),
  infinitySignature: new Uint8Array(64),
  publicKey: (secret) => encodeG2(G2.BASE.multiply(secret).toAffine()),
  sign: (secret, message) => encodeG1(hash(message).multiply(secret)),
  verify: verifyWithNoble,
  keyOffCurve: (random) => encode(...Array.from({ length: 4 }, () => randomBelow(Fp.ORDER, random))),
  signatureOffCurve: (random) => encode(...Array.from({ length: 2 }, () => randomBelow(Fp.ORDER, random))),
  keyOutsideSubgroup: randomTwistPoint,
  withModulusAdded: (point) =>
    Uint8Array.of(
      ...numberToBytesBE(bytesToNumberBE(point.subarray(0, 32)) + Fp.ORDER, 32),
      ...point.subarray(32),
    ),
  otherSignatures: {
    'with the other y': (good) =>
      encode(bytesToNumberBE(good.subarray(0, 32)), Fp.ORDER - bytesToNumberBE(good.subarray(32))),
    'with y that is too large': (good) =>
      encode(bytesToNumberBE(good.subarray(0, 32)), Fp.ORDER + bytesToNumberBE(good.subarray(32))),
    'with x and y exchanged': (good) => Uint8Array.of(...good.subarray(32), ...good.subarray(0, 32)),
  },
};

function verifyWithNoble({ publicKeys, message, signature }: Aggregate): boolean {
  if (publicKeys.length === 0) return false;
  try {
    const keys = publicKeys.map(decodeKey);
    const [x = 0n, y = 0n] = numbers(signature, 2);
    const point = G1.fromAffine({ x, y });
    point.assertValidity();
    const sum = keys.reduce((left, right) => left.add(right));
    if ([...keys, sum].some((key) => key.is0()) || point.is0()) return false;
    const product = bn254.pairingBatch([
      { g1: point, g2: G2.BASE.negate() },
      { g1: hash(message), g2: sum },
    ]);
    return Fp12.eql(product, Fp12.ONE);
  } catch {
    // Its way of refusing what is no point.
    return false;
  }
}

/** Cases for aggregates of PolyBFT validators, judged by noble. */
export function bn254Cases(count: number, seed: number): Generator<AggregateCase> {
  return aggregateCases(bn254Oracle, count, seed);
}
