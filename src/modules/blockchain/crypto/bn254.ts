import { randomBytes } from 'node:crypto';
import type { Fr, G1, G2 } from 'mcl-wasm';
import { type Aggregate, judgeEach } from './aggregate.js';
import { hashToG1 } from './bn254-hash.js';
import { bn254 } from './bn254-mcl.js';
import { BN254_PUBLIC_KEY_BYTES, decodeG1, decodeG2, encodeG1, encodeG2 } from './bn254-points.js';
import { keccak256 } from './keccak.js';
import { SignerKeys } from './signer-keys.js';

export { prepareBn254 } from './bn254-mcl.js';

/** The domain of block seals. @see polygon-edge@597a0f3 consensus/polybft/signer/utils.go DomainCheckpointManager */
export const CHECKPOINT_DOMAIN = keccak256(Buffer.from('DOMAIN_CHECKPOINT_MANAGER'));

const SECRET_BYTES = 32;
const ORDER = Buffer.from('30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001', 'hex');
// A bad aggregate passes once in 2^64 tries, and coefficients are drawn anew for each, so there is nothing to compute
// ahead. BLS12-381 is checked with as many. 128 bits would cost a tenth more.
const COEFFICIENT_BYTES = 8;
// mcl copies the points of a sum to its stack of 1 MB, 176 bytes each.
const MOST_AT_ONCE = 512;

const signerKeys = new SignerKeys<G2>({
  keyBytes: BN254_PUBLIC_KEY_BYTES,
  decode: decodeG2,
  sum: (keys) => {
    const { mcl } = bn254();
    const sum = mcl.normalize(keys.reduce((left, right) => mcl.add(left, right)));
    return sum.isZero() ? undefined : sum;
  },
});

/**
 * The public key of a PolyBFT validator: x.c1‖x.c0‖y.c1‖y.c0, 128 bytes, of a secret: 32 bytes, a big-endian scalar.
 * @throws {Error} when the scalar is zero, too large or not of 32 bytes
 * @see polygon-edge@597a0f3 bls/private.go PrivateKey.PublicKey
 */
export function bn254PublicKey(secret: Uint8Array): Uint8Array {
  const { mcl, generator } = bn254();
  return encodeG2(mcl.mul(generator, scalarOf(secret)));
}

/**
 * Whether these bytes are a key that may sign. The Go client refuses a block whose change of the set has another.
 * @see polygon-edge@597a0f3 bls/public.go UnmarshalPublicKey
 */
export function isBn254PublicKey(bytes: Uint8Array): boolean {
  return signerKeys.key(bytes) !== undefined;
}

/**
 * A signature: x‖y, 64 bytes. For tests and a sealer that nobody attacks: it does not take the same time for every secret.
 * @throws {Error} when the scalar is zero, too large or not of 32 bytes
 * @see polygon-edge@597a0f3 bls/private.go PrivateKey.Sign
 */
export function bn254Sign(secret: Uint8Array, message: Uint8Array, domain: Uint8Array): Uint8Array {
  return encodeG1(bn254().mcl.mul(hashToG1(message, domain), scalarOf(secret)));
}

/**
 * The sum of signatures, one at least.
 * @throws {Error} when one is no signature
 * @see polygon-edge@597a0f3 bls/signature.go Signatures.Aggregate
 */
export function bn254Aggregate(signatures: readonly Uint8Array[]): Uint8Array {
  const points = signatures.map((signature) => {
    const point = decodeG1(signature);
    if (point === undefined) throw new Error('not a BN254 signature');
    return point;
  });
  return encodeG1(points.reduce((left, right) => bn254().mcl.add(left, right)));
}

/**
 * Whether the aggregate was made by all of its keys, one at least, over its message. False as well for what is not encoded
 * as it must be, is outside its subgroup, or is infinity: a key, the signature or the sum of the keys.
 * @remarks Differs: Go takes keys and signatures with more bytes behind them. No hash covers a signature, so we do not.
 * @see polygon-edge@597a0f3 bls/signature.go Signature.VerifyAggregated
 */
export function bn254VerifyAggregate(aggregate: Aggregate, domain: Uint8Array): boolean {
  return bn254VerifyAggregates([aggregate], domain)[0] === true;
}

/**
 * {@link bn254VerifyAggregate} for many. Those of the same signers share a Miller loop, and all of them one more and one
 * final exponentiation.
 * @param coefficients Gives as many random bytes as asked for; nobody may know them beforehand.
 */
export function bn254VerifyAggregates(
  aggregates: readonly Aggregate[],
  domain: Uint8Array,
  coefficients: (length: number) => Uint8Array = randomBytes,
): boolean[] {
  const verdicts: boolean[] = [];
  for (let from = 0; from < aggregates.length; from += MOST_AT_ONCE) {
    const part = aggregates.slice(from, from + MOST_AT_ONCE).map((aggregate) => decode(aggregate, domain));
    verdicts.push(...judgeEach(part, (decoded) => areGood(decoded, coefficients)));
  }
  return verdicts;
}

interface Decoded {
  readonly key: G2;
  readonly hash: G1;
  readonly signature: G1;
}

function decode(aggregate: Aggregate, domain: Uint8Array): Decoded | undefined {
  const signature = decodeG1(aggregate.signature);
  const key = signature && signerKeys.sum(aggregate.publicKeys);
  return signature && key && { key, hash: hashToG1(aggregate.message, domain), signature };
}

/** Whether e(Σ r·signature, −g) · Π e(Σ r·hash, key) over the keys is one. */
function areGood(aggregates: readonly Decoded[], coefficients: (length: number) => Uint8Array): boolean {
  const { mcl, minusGenerator } = bn254();
  const random = coefficients(aggregates.length * COEFFICIENT_BYTES);
  const factors: Fr[] = [];
  const byKey = new Map<G2, { hashes: G1[]; factors: Fr[] }>();
  for (const [index, { key, hash }] of aggregates.entries()) {
    const factor = new mcl.Fr();
    factor.setLittleEndian(random.subarray(index * COEFFICIENT_BYTES, (index + 1) * COEFFICIENT_BYTES));
    factors.push(factor);
    const group = byKey.get(key) ?? { hashes: [], factors: [] };
    byKey.set(key, group);
    group.hashes.push(hash);
    group.factors.push(factor);
  }
  const signatures = mcl.mulVec(
    aggregates.map(({ signature }) => signature),
    factors,
  );
  let product = mcl.precomputedMillerLoop(signatures, minusGenerator);
  for (const [key, group] of byKey) {
    product = mcl.mul(product, mcl.millerLoop(mcl.mulVec(group.hashes, group.factors), key));
  }
  return mcl.finalExp(product).isOne();
}

function scalarOf(secret: Uint8Array): Fr {
  const scalar = new (bn254().mcl.Fr)();
  if (secret.length === SECRET_BYTES && Buffer.compare(secret, ORDER) < 0) scalar.setBigEndianMod(secret);
  if (scalar.isZero()) throw new Error('not a BN254 secret');
  return scalar;
}
