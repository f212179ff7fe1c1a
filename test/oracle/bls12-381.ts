import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import type { Random } from '../../src/common/random.js';
import type { Aggregate } from '../../src/modules/blockchain/crypto/aggregate.js';
import { type AggregateCase, type AggregateOracle, aggregateCases, randomBelow } from './aggregate-cases.js';
import { memoised } from './memoised.js';

const SUITE = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
const { longSignatures, fields } = bls12_381;
const { Fp, Fp2, Fr } = fields;
const [G1, G2] = [bls12_381.G1.Point, bls12_381.G2.Point];
const COMPRESSED = 0x80;
const INFINITY = 0xc0;

const hash = memoised((message) => longSignatures.hash(message, SUITE));
const decodeKey = memoised((bytes) => {
  if (bytes.length !== 48) throw new Error('length');
  const point = G1.fromBytes(bytes);
  // On the curve, in the subgroup and not infinity.
  point.assertValidity();
  return point;
});

/** An x for which the curve has a point, or has none; the flag of compression is set. */
function firstX<T>(
  draw: () => T,
  isSquare: (x: T) => boolean,
  encode: (x: T) => Uint8Array,
  wanted: boolean,
): Uint8Array {
  for (;;) {
    const x = draw();
    if (isSquare(x) !== wanted) continue;
    const bytes = encode(x);
    bytes[0] = (bytes[0] ?? 0) | COMPRESSED;
    return bytes;
  }
}

const keyWhere = (isOnCurve: boolean, random: Random) =>
  firstX(
    () => randomBelow(Fp.ORDER, random),
    (x) => isSquareIn(Fp, Fp.add(Fp.mul(Fp.sqr(x), x), 4n)),
    (x) => numberToBytesBE(x, 48),
    isOnCurve,
  );

const signatureWhere = (isOnCurve: boolean, random: Random) =>
  firstX(
    () => Fp2.create({ c0: randomBelow(Fp.ORDER, random), c1: randomBelow(Fp.ORDER, random) }),
    (x) => isSquareIn(Fp2, Fp2.add(Fp2.mul(Fp2.sqr(x), x), Fp2.create({ c0: 4n, c1: 4n }))),
    (x) => Uint8Array.of(...numberToBytesBE(x.c1, 48), ...numberToBytesBE(x.c0, 48)),
    isOnCurve,
  );

function isSquareIn<T>(field: { sqrt(value: T): T }, value: T): boolean {
  try {
    field.sqrt(value);
    return true;
  } catch {
    // Its way of saying no.
    return false;
  }
}

function infinity(length: number): Uint8Array {
  return new Uint8Array(length).fill(INFINITY, 0, 1);
}

/** The scheme of IBFT's BLS seals in noble's BLS12-381, with the Go client's rules on what a key and a signature are. */
export const blsOracle: AggregateOracle = {
  order: Fr.ORDER,
  infinityKey: infinity(48),
  infinitySignature: infinity(96),
  publicKey: (secret) => G1.BASE.multiply(secret).toBytes(true),
  sign: (secret, message) => hash(message).multiply(secret).toBytes(true),
  verify: verifyWithNoble,
  keyOffCurve: (random) => keyWhere(false, random),
  signatureOffCurve: (random) => signatureWhere(false, random),
  // Of a random point, the chance to be in the subgroup is 1 in 2^125.
  keyOutsideSubgroup: (random) => keyWhere(true, random),
  withModulusAdded: (point) => {
    const flags = (point[0] ?? 0) & 0xe0;
    const x = bytesToNumberBE(Uint8Array.of((point[0] ?? 0) & 0x1f, ...point.subarray(1, 48))) + Fp.ORDER;
    if (x >= 1n << 381n) return undefined;
    const bytes = numberToBytesBE(x, 48);
    return Uint8Array.of((bytes[0] ?? 0) | flags, ...bytes.subarray(1), ...point.subarray(48));
  },
  otherSignatures: {
    'with the other y': (good) => Uint8Array.of((good[0] ?? 0) ^ 0x20, ...good.subarray(1)),
    'with a signature outside the subgroup': (_good, random) => signatureWhere(true, random),
    'with an infinity that has an x': (good) => Uint8Array.of((good[0] ?? 0) | 0x40, ...good.subarray(1)),
    'without the flag of compression': (good) => Uint8Array.of((good[0] ?? 0) & 0x7f, ...good.subarray(1)),
    'with a signature that is not compressed': (good) => G2.fromBytes(good).toBytes(false),
  },
};

function verifyWithNoble({ publicKeys, message, signature }: Aggregate): boolean {
  if (publicKeys.length === 0 || signature.length !== 96) return false;
  try {
    const keys = publicKeys.map(decodeKey);
    const point = G2.fromBytes(signature);
    point.assertValidity();
    const sum = keys.reduce((left, right) => left.add(right));
    if ([...keys, sum].some((key) => key.is0()) || point.is0()) return false;
    return longSignatures.verify(point, hash(message), sum);
  } catch {
    // Its way of refusing what is no point.
    return false;
  }
}

/** Cases for aggregates of IBFT validators, judged by noble. */
export function blsCases(count: number, seed: number): Generator<AggregateCase> {
  return aggregateCases(blsOracle, count, seed);
}
