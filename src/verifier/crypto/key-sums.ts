import { toHex } from '../../common/bytes.js';

interface Point<P> {
  add(other: P): P;
  is0(): boolean;
}

// The sets of a few chains.
const KEPT_KEYS = 4_096;

/** Adds up public keys, each decoded once. */
export class KeySums<P extends Point<P>> {
  private readonly keys = new Map<string, P>();

  constructor(
    private readonly decode: (bytes: Uint8Array) => P,
    private readonly keyBytes: number,
  ) {}

  /** The key that these bytes encode; undefined for another length and for infinity. What `decode` throws is passed on. */
  key(bytes: Uint8Array): P | undefined {
    if (bytes.length !== this.keyBytes) return undefined;
    const text = toHex(bytes);
    const known = this.keys.get(text);
    if (known !== undefined) return known;
    const key = this.decode(bytes);
    if (key.is0()) return undefined;
    if (this.keys.size >= KEPT_KEYS) this.keys.clear();
    this.keys.set(text, key);
    return key;
  }

  /** Undefined for no keys, for one that is none, and for a sum that is infinity. */
  of(publicKeys: readonly Uint8Array[]): P | undefined {
    let sum: P | undefined;
    for (const bytes of publicKeys) {
      const key = this.key(bytes);
      if (key === undefined) return undefined;
      sum = sum === undefined ? key : sum.add(key);
    }
    return sum === undefined || sum.is0() ? undefined : sum;
  }
}
