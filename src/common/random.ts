import { randomBytes, randomInt } from 'node:crypto';

export const RANDOM = Symbol('RANDOM');

/** Randomness, injected so that tests repeat. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A whole number from 0 up to, not including, `limit` (at least 1). */
  below(limit: number): number;
}

export class SystemRandom implements Random {
  bytes(length: number): Uint8Array {
    return new Uint8Array(randomBytes(length));
  }

  below(limit: number): number {
    return limit <= 1 ? 0 : randomInt(limit);
  }
}

/** One item of a list, or undefined when it is empty. */
export function pickOne<T>(random: Random, items: readonly T[]): T | undefined {
  return items[random.below(items.length)];
}
