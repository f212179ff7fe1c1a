import { bytesEqual, toHex } from '../../src/common/bytes.js';
import { BlockchainError } from '../../src/modules/blockchain/index.js';

/** Feeds any bytes to the code under test. Throws when something is wrong with that, and not for what it refuses. */
export type Target = (bytes: Uint8Array) => void | Promise<void>;

export interface FuzzTarget {
  readonly run: Target;
  /** Good inputs, to make bad ones from. */
  readonly seeds: readonly Uint8Array[];
}

/** What `decode` gives; undefined when it refuses its input with an error that has a code. */
export function accepted<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof BlockchainError) return undefined;
    throw error;
  }
}

/** Bytes that were taken must be those that an encoder writes. */
export function expectSame(written: Uint8Array, read: Uint8Array): void {
  if (!bytesEqual(written, read)) throw new Error(`written again as ${toHex(written)}`);
}
