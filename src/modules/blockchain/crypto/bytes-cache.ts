import { bytesEqual } from '../../../common/bytes.js';

const TAG_BYTES = 4;

/**
 * Values by keys that are bytes, without a text made of each key. Two keys with the same `TAG_BYTES` after the first byte
 * displace each other: a key that is not found again costs its finder the work anew, never a wrong answer.
 */
export class BytesCache<T> {
  private readonly entries = new Map<number, { readonly key: Uint8Array; readonly value: T }>();

  get(key: Uint8Array): T | undefined {
    const entry = this.entries.get(tagOf(key));
    return entry !== undefined && bytesEqual(entry.key, key) ? entry.value : undefined;
  }

  /** Keeps `key` itself, which must not change. */
  set(key: Uint8Array, value: T): void {
    this.entries.set(tagOf(key), { key, value });
  }
}

/** The first byte of an uncompressed public key is always the same. */
function tagOf(key: Uint8Array): number {
  let tag = 0;
  for (let at = 1; at <= TAG_BYTES; at++) tag = (tag << 8) | (key[at] ?? 0);
  return tag;
}
