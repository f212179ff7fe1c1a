import type { Random } from '../../src/common/random.js';
import type { Aggregate } from '../../src/modules/blockchain/crypto/aggregate.js';
import { SeededRandom } from '../sim/seeded-random.js';

/** An input and what the oracle says about it. */
export interface AggregateCase {
  readonly kind: string;
  readonly aggregate: Aggregate;
  readonly expected: boolean;
}

/** A signature scheme in another implementation than ours. */
export interface AggregateOracle {
  readonly order: bigint;
  readonly infinityKey: Uint8Array;
  readonly infinitySignature: Uint8Array;
  publicKey(secret: bigint): Uint8Array;
  sign(secret: bigint, message: Uint8Array): Uint8Array;
  verify(aggregate: Aggregate): boolean;
  /** Points that are encoded well but are not what they must be. */
  keyOffCurve(random: Random): Uint8Array;
  signatureOffCurve(random: Random): Uint8Array;
  keyOutsideSubgroup(random: Random): Uint8Array;
  /** The same point with the modulus added to its first field element, where it has room for that. */
  withModulusAdded(point: Uint8Array): Uint8Array | undefined;
  /** What only this scheme has. */
  readonly otherSignatures: Readonly<Record<string, (good: Uint8Array, random: Random) => Uint8Array>>;
}

const VALIDATORS = 12;
const MESSAGES = 24;
// Signing is slow in the oracle, so some cases share a signature.
const CASES_OF_ONE = 5;
const GOOD_EVERY = 4;
const AS_SIGNED: readonly [string, Change] = ['as signed', () => ({})];

interface Signed {
  readonly signers: readonly number[];
  readonly aggregate: Aggregate;
}

/** `count` cases, a fourth of them good and the others of every kind in turn; the same for the same seed. */
export function* aggregateCases(
  oracle: AggregateOracle,
  count: number,
  seed: number,
): Generator<AggregateCase> {
  const random = new SeededRandom(seed);
  const secrets = Array.from({ length: VALIDATORS }, () => randomBelow(oracle.order, random));
  const keys = secrets.map((secret) => oracle.publicKey(secret));
  const messages = Array.from({ length: MESSAGES }, () => random.bytes(32));
  const changes = Object.entries(changesOf(oracle, keys, random));
  const sign = (): Signed => {
    const signers = shuffled(keys.keys(), random).slice(0, 1 + random.below(VALIDATORS - 2));
    const secret = signers.reduce((sum, signer) => sum + pick(secrets, signer), 0n) % oracle.order;
    const message = pick(messages, random);
    const publicKeys = signers.map((signer) => pick(keys, signer));
    return { signers, aggregate: { publicKeys, message, signature: oracle.sign(secret, message) } };
  };
  let signed = sign();
  let next = 0;
  for (let index = 0; index < count; index++) {
    if (index % CASES_OF_ONE === 0) signed = sign();
    const [kind, change] = index % GOOD_EVERY === 0 ? AS_SIGNED : pick(changes, next++ % changes.length);
    const aggregate = { ...signed.aggregate, ...change(signed) };
    yield { kind, aggregate, expected: oracle.verify(aggregate) };
  }
}

type Change = (signed: Signed) => Partial<Aggregate>;

function changesOf(
  oracle: AggregateOracle,
  keys: readonly Uint8Array[],
  random: Random,
): Record<string, Change> {
  const withKey = (key: (old: Uint8Array) => Uint8Array): Change => {
    return ({ aggregate: { publicKeys } }) => {
      const at = random.below(publicKeys.length);
      return { publicKeys: publicKeys.map((old, index) => (index === at ? key(old) : old)) };
    };
  };
  const withSignature = (signature: (old: Uint8Array) => Uint8Array): Change => {
    return ({ aggregate }) => ({ signature: signature(aggregate.signature) });
  };
  const absent = (signers: readonly number[]) => [...keys.keys()].filter((index) => !signers.includes(index));
  const others = Object.entries(oracle.otherSignatures).map(
    ([kind, change]) => [kind, withSignature((old) => change(old, random))] as const,
  );
  return {
    'in another order': ({ aggregate }) => ({ publicKeys: shuffled(aggregate.publicKeys, random) }),
    'over another message': () => ({ message: random.bytes(32) }),
    'over a message with one bit changed': ({ aggregate }) => ({
      message: flipBit(aggregate.message, random),
    }),
    'with a signer left out': ({ aggregate }) => ({ publicKeys: aggregate.publicKeys.slice(1) }),
    'with a signer added': ({ signers, aggregate }) => ({
      publicKeys: [...aggregate.publicKeys, pick(keys, pick(absent(signers), random))],
    }),
    'with a signer exchanged': ({ signers, aggregate }) => ({
      publicKeys: [...aggregate.publicKeys.slice(1), pick(keys, pick(absent(signers), random))],
    }),
    'with a signer twice': ({ aggregate }) => ({
      publicKeys: [...aggregate.publicKeys, pick(aggregate.publicKeys, random)],
    }),
    'without signers': () => ({ publicKeys: [] }),
    'with a bit of the signature changed': withSignature((old) => flipBit(old, random)),
    'with a bit of a key changed': withKey((old) => flipBit(old, random)),
    'with random bytes for a signature': withSignature((old) => random.bytes(old.length)),
    'with random bytes for a key': withKey((old) => random.bytes(old.length)),
    'with infinity for a signature': withSignature(() => oracle.infinitySignature),
    'with infinity for a key': withKey(() => oracle.infinityKey),
    'with infinity for one more key': ({ aggregate }) => ({
      publicKeys: [...aggregate.publicKeys, oracle.infinityKey],
    }),
    'by keys whose sum is infinity': () => {
      const secret = randomBelow(oracle.order, random);
      return { publicKeys: [oracle.publicKey(secret), oracle.publicKey(oracle.order - secret)] };
    },
    'with a signature off the curve': withSignature(() => oracle.signatureOffCurve(random)),
    'with a key off the curve': withKey(() => oracle.keyOffCurve(random)),
    'with a key outside the subgroup': withKey(() => oracle.keyOutsideSubgroup(random)),
    'with a field element of a signature that is too large': withSignature(
      (old) => oracle.withModulusAdded(old) ?? flipBit(old, random),
    ),
    'with a field element of a key that is too large': withKey(
      (old) => oracle.withModulusAdded(old) ?? flipBit(old, random),
    ),
    'with a signature cut off': withSignature((old) => old.subarray(0, random.below(old.length))),
    'with a longer signature': withSignature((old) => Uint8Array.of(...old, 0)),
    'with a key cut off': withKey((old) => old.subarray(0, random.below(old.length))),
    'with a longer key': withKey((old) => Uint8Array.of(...old, 0)),
    'with two keys in one': ({ aggregate: { publicKeys } }) => ({
      publicKeys: [Uint8Array.from(publicKeys.flatMap((key) => [...key]))],
    }),
    ...Object.fromEntries(others),
  };
}

/** A random field element, or scalar: from 1 on. */
export function randomBelow(limit: bigint, random: Random): bigint {
  return (BigInt(`0x${Buffer.from(random.bytes(64)).toString('hex')}`) % (limit - 1n)) + 1n;
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const bit = random.below(bytes.length * 8);
  return bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

function shuffled<T>(items: Iterable<T>, random: Random): T[] {
  const left = [...items];
  const drawn: T[] = [];
  while (left.length > 0) drawn.push(...left.splice(random.below(left.length), 1));
  return drawn;
}

function pick<T>(items: readonly T[], at: number | Random): T {
  const item = items[typeof at === 'number' ? at : at.below(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
