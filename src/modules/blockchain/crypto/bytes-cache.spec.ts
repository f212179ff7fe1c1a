import { describe, expect, it } from '@jest/globals';
import { BytesCache } from './bytes-cache.js';

describe('BytesCache', () => {
  it('finds what was kept by equal bytes', () => {
    const cache = new BytesCache<string>();
    cache.set(Uint8Array.of(4, 1, 2, 3, 4, 5), 'a');
    cache.set(Uint8Array.of(4, 2, 2, 3, 4, 5), 'b');

    expect(cache.get(Uint8Array.of(4, 1, 2, 3, 4, 5))).toBe('a');
    expect(cache.get(Uint8Array.of(4, 2, 2, 3, 4, 5))).toBe('b');
    expect(cache.get(Uint8Array.of(4, 3, 2, 3, 4, 5))).toBeUndefined();
  });

  it('never gives the value of another key, even where the two displace each other', () => {
    const cache = new BytesCache<string>();
    const first = Uint8Array.of(4, 1, 2, 3, 4, 5);
    const second = Uint8Array.of(4, 1, 2, 3, 4, 6);
    cache.set(first, 'a');

    expect(cache.get(second)).toBeUndefined();
    cache.set(second, 'b');
    expect(cache.get(first)).toBeUndefined();
    expect(cache.get(second)).toBe('b');
  });

  it('takes keys that are shorter than a tag', () => {
    const cache = new BytesCache<number>();
    cache.set(Uint8Array.of(7), 1);

    expect(cache.get(Uint8Array.of(7))).toBe(1);
    expect(cache.get(Uint8Array.of(8))).toBeUndefined();
    expect(cache.get(new Uint8Array())).toBeUndefined();
  });
});
