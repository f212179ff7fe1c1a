import { concatBytes } from '../../src/common/bytes.js';
import type { SeededRandom } from '../sim/seeded-random.js';

const MAX_BYTES = 65_536;
const MAX_CHANGES = 4;
const MAX_PIECE_BYTES = 64;
/** One input in so many is made of nothing but chance. */
const RANDOM_EVERY = 20;
/** Bytes that begin an RLP item, at the borders of what they may be, and others that are often special. */
const SPECIAL = [0x00, 0x01, 0x7f, 0x80, 0x81, 0xa0, 0xb7, 0xb8, 0xbf, 0xc0, 0xc1, 0xf7, 0xf8, 0xf9, 0xff];

type Change = (bytes: Uint8Array, random: SeededRandom, seeds: readonly Uint8Array[]) => Uint8Array;

const CHANGES: readonly Change[] = [
  (bytes, random) => withByte(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => withByte(bytes, random, () => random.below(256)),
  (bytes, random) => withByte(bytes, random, () => SPECIAL[random.below(SPECIAL.length)] ?? 0),
  (bytes, random) => withByte(bytes, random, (byte) => byte + random.below(9) - 4),
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => {
    const { start, end } = pieceOf(bytes, random);
    return concatBytes([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  (bytes, random) => {
    const { start, end } = pieceOf(bytes, random);
    return concatBytes([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  (bytes, random) => {
    const { start } = pieceOf(bytes, random);
    const inserted = random.bytes(1 + random.below(9));
    return concatBytes([bytes.subarray(0, start), inserted, bytes.subarray(start)]);
  },
  (bytes, random, seeds) => {
    const other = seedOf(random, seeds);
    return concatBytes([
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length)),
    ]);
  },
];

/** The next input: a seed with a few changes, or random bytes. */
export function nextInput(random: SeededRandom, seeds: readonly Uint8Array[]): Uint8Array {
  if (random.below(RANDOM_EVERY) === 0) return random.bytes(random.below(300));
  let bytes = seedOf(random, seeds);
  for (let left = 1 + random.below(MAX_CHANGES); left > 0; left--) {
    const change = CHANGES[random.below(CHANGES.length)];
    if (change !== undefined && bytes.length > 0) bytes = change(bytes, random, seeds);
  }
  return bytes.slice(0, MAX_BYTES);
}

function seedOf(random: SeededRandom, seeds: readonly Uint8Array[]): Uint8Array {
  return seeds[random.below(seeds.length)] ?? new Uint8Array();
}

function withByte(bytes: Uint8Array, random: SeededRandom, change: (byte: number) => number): Uint8Array {
  const changed = bytes.slice();
  const at = random.below(bytes.length);
  changed[at] = change(changed[at] ?? 0);
  return changed;
}

function pieceOf(bytes: Uint8Array, random: SeededRandom): { start: number; end: number } {
  const start = random.below(bytes.length);
  return { start, end: Math.min(bytes.length, start + 1 + random.below(MAX_PIECE_BYTES)) };
}
