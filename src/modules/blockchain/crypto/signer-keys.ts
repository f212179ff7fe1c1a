import { createHash } from 'node:crypto';
import { concatBytes } from '../../../common/bytes.js';
import { RecentlyUsed } from './recently-used.js';

// The sets of a few chains; a decoded key takes less than 1 KB.
const KEPT_KEYS = 4_096;
// Choices of signers that come again: blocks of one set mostly share a few.
const KEPT_SUMS = 1_024;

/** The group that public keys are in. */
export interface KeyGroup<K> {
  /** Length of an encoded key, bytes. */
  readonly keyBytes: number;
  /** Undefined when these bytes (of the right length) are not canonical, not on the curve, infinity, or outside the subgroup. */
  decode(bytes: Uint8Array): K | undefined;
  /** The sum of one key or more; undefined when it is infinity. */
  sum(keys: readonly K[]): K | undefined;
}

/** Decodes and adds up public keys: each key once, and each choice of keys once. */
export class SignerKeys<K> {
  private readonly keys = new RecentlyUsed<K | undefined>(KEPT_KEYS);
  private readonly sums = new RecentlyUsed<K | undefined>(KEPT_SUMS);

  constructor(private readonly group: KeyGroup<K>) {}

  /** Undefined when these bytes are no key. */
  key(bytes: Uint8Array): K | undefined {
    if (bytes.length !== this.group.keyBytes) return undefined;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    return this.keys.get(text, () => this.group.decode(bytes));
  }

  /** The same object for the same keys. Undefined for no keys, when one of them is none, and when the sum is infinity. */
  sum(publicKeys: readonly Uint8Array[]): K | undefined {
    // Keys of one length: no other list has the same bytes one after the other.
    if (publicKeys.some(({ length }) => length !== this.group.keyBytes)) return undefined;
    // A digest, since the keys of a large set would take more memory than all the rest.
    const digest = createHash('sha256').update(concatBytes(publicKeys)).digest('base64');
    return this.sums.get(digest, () => this.add(publicKeys));
  }

  private add(publicKeys: readonly Uint8Array[]): K | undefined {
    const keys: K[] = [];
    for (const bytes of publicKeys) {
      const key = this.key(bytes);
      if (key === undefined) return undefined;
      keys.push(key);
    }
    return keys.length === 0 ? undefined : this.group.sum(keys);
  }
}
