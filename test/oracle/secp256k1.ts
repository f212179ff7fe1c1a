import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { SeededRandom } from '../sim/seeded-random.js';

/** A seal (r‖s‖v) and what noble says of it. */
export interface SealCase {
  readonly kind: string;
  readonly digest: Uint8Array;
  readonly seal: Uint8Array;
  /** 20 bytes; undefined when nobody made the seal. */
  readonly signer: Uint8Array | undefined;
  readonly isCanonical: boolean;
}

export interface KeccakCase {
  readonly parts: readonly Uint8Array[];
  readonly hash: Uint8Array;
}

const ORDER = secp256k1.Point.Fn.ORDER;
const KEYS = 16;

type Change = (seal: Uint8Array, random: SeededRandom) => Uint8Array;

const sOf = (seal: Uint8Array) => bytesToNumberBE(seal.subarray(32, 64));
const withS = (seal: Uint8Array, s: bigint, v = seal[64] ?? 0) =>
  Uint8Array.of(...seal.subarray(0, 32), ...numberToBytesBE(s, 32), v);
const withR = (seal: Uint8Array, r: bigint) => Uint8Array.of(...numberToBytesBE(r, 32), ...seal.subarray(32));
const withV = (seal: Uint8Array, v: number) => Uint8Array.of(...seal.subarray(0, 64), v);

const changes: readonly (readonly [string, Change])[] = Object.entries({
  'as signed': (seal) => seal,
  'with the other s': (seal) => withS(seal, ORDER - sOf(seal), 1 - (seal[64] ?? 0)),
  'with the other v': (seal) => withV(seal, 1 - (seal[64] ?? 0)),
  'with any v': (seal, random) => withV(seal, random.below(256)),
  'with a bit changed': (seal, random) => {
    const bit = random.below(seal.length * 8);
    return seal.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  },
  'of random bytes': (_seal, random) => withV(random.bytes(65), random.below(2)),
  'with r that is zero': (seal) => withR(seal, 0n),
  'with s that is zero': (seal) => withS(seal, 0n),
  'with r that is the order or more': (seal, random) => withR(seal, ORDER + BigInt(random.below(1_000))),
  'with s that is the order or more': (seal, random) => withS(seal, ORDER + BigInt(random.below(1_000))),
  'with s about half the order': (seal, random) => withS(seal, ORDER / 2n - 1n + BigInt(random.below(4))),
  'cut off': (seal, random) => seal.subarray(0, random.below(65)),
  'with a byte more': (seal) => Uint8Array.of(...seal, 0),
} satisfies Record<string, Change>);

/** `count` seals of every kind in turn; the same for the same seed. */
export function* sealCases(count: number, seed: number): Generator<SealCase> {
  const random = new SeededRandom(seed);
  const keys = Array.from({ length: KEYS }, () => random.bytes(32)).filter((key) =>
    secp256k1.utils.isValidSecretKey(key),
  );
  for (let index = 0; index < count; index++) {
    const digest = random.bytes(32);
    const key = keys[random.below(keys.length)] ?? new Uint8Array();
    const signed = secp256k1.sign(digest, key, { prehash: false, format: 'recovered' });
    const [kind, change] = changes[index % changes.length] ?? ['', (seal: Uint8Array) => seal];
    const seal = change(Uint8Array.of(...signed.subarray(1), signed[0] ?? 0), random);
    const isCanonical = seal.length === 65 && (seal[64] ?? 0) <= 1 && sOf(seal) <= ORDER >> 1n;
    yield { kind, digest, seal, signer: recoverWithNoble(digest, seal), isCanonical };
  }
}

/** As in the Go client any v other than 1 counts as 0. */
function recoverWithNoble(digest: Uint8Array, seal: Uint8Array): Uint8Array | undefined {
  if (seal.length !== 65) return undefined;
  try {
    const recovered = Uint8Array.of(seal[64] === 1 ? 1 : 0, ...seal.subarray(0, 64));
    const compressed = secp256k1.recoverPublicKey(recovered, digest, { prehash: false });
    return keccak_256(secp256k1.Point.fromBytes(compressed).toBytes(false).subarray(1)).subarray(12);
  } catch {
    // Its way of saying that nobody made it.
    return undefined;
  }
}

/** `count` inputs of 0 to 600 bytes in one part or two; the same for the same seed. */
export function* keccakCases(count: number, seed: number): Generator<KeccakCase> {
  const random = new SeededRandom(seed);
  for (let index = 0; index < count; index++) {
    const input = random.bytes(random.below(600));
    const cut = random.below(input.length + 1);
    yield { parts: [input.subarray(0, cut), input.subarray(cut)], hash: keccak_256(input) };
  }
}
