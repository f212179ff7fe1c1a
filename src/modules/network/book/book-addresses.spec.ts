import { describe, expect, it } from '@jest/globals';
import type { StoredAddress } from '../ports/peer-store.port.js';
import { lastReachedAtMs, withFailure, withReached, withRumour } from './book-addresses.js';

const told = (transport: string, failures = 0): StoredAddress => ({ transport, failures });
const good = (transport: string, reachedAtMs = 1_000, failures = 0): StoredAddress => ({
  transport,
  reachedAtMs,
  failures,
});
const names = (addresses: readonly StoredAddress[]) => addresses.map(({ transport }) => transport).join('');
const eight = (make: (name: string) => StoredAddress) => [...'abcdefgh'].map((name) => make(name));

describe(withRumour.name, () => {
  it.each([
    { name: 'a first one', addresses: [], result: 'x' },
    { name: 'one more behind those told before', addresses: [told('a'), told('b')], result: 'abx' },
    { name: 'one more behind those that worked', addresses: [good('a'), told('b')], result: 'abx' },
    { name: 'one more before those that failed', addresses: [told('a', 1), told('b', 9)], result: 'xab' },
    { name: 'not one that is known', addresses: [told('x', 2), told('a', 3)], result: 'xa' },
    { name: 'none in place of eight untried', addresses: eight(told), result: 'abcdefgh' },
    {
      name: 'none in place of eight that worked',
      addresses: eight((name) => good(name, 1, 2)),
      result: 'abcdefgh',
    },
    {
      name: 'one in place of one that failed',
      addresses: [...eight(told).slice(0, 7), told('h', 1)],
      result: 'abcdefgx',
    },
    {
      name: 'one in place of one that works no more',
      addresses: [...eight(told).slice(0, 7), good('h', 1, 3)],
      result: 'abcdefgx',
    },
  ])('takes $name', ({ addresses, result }) => expect(names(withRumour(addresses, 'x'))).toBe(result));
});

describe(withReached.name, () => {
  it('puts the address first, with a clean slate', () => {
    const [first, ...others] = withReached([good('a', 500), told('x', 7)], 'x', 2_000);
    expect(first).toEqual({ transport: 'x', reachedAtMs: 2_000, failures: 0 });
    expect(others).toEqual([good('a', 500)]);
  });

  it('drops the worst of eight for a new one', () => {
    expect(names(withReached(eight(told), 'x', 1))).toBe('xabcdefg');
    expect(
      names(
        withReached(
          eight((name) => good(name)),
          'x',
          2_000,
        ),
      ),
    ).toBe('xabcdefg');
  });
});

describe(withFailure.name, () => {
  it.each([
    { name: 'one that worked stays ahead of rumours', addresses: [good('x'), told('a')], result: 'xa' },
    { name: 'one that worked falls behind another', addresses: [good('x'), good('a')], result: 'ax' },
    {
      name: 'after three failures in a row it is no better',
      addresses: [good('x', 1, 2), told('a')],
      result: 'ax',
    },
    { name: 'a rumour falls behind another', addresses: [told('x'), told('a')], result: 'ax' },
    {
      name: 'the later reached of two comes first',
      addresses: [good('x', 1), good('b', 5), good('a', 9)],
      result: 'abx',
    },
  ])('$name', ({ addresses, result }) => expect(names(withFailure(addresses, 'x'))).toBe(result));

  it('counts', () => expect(withFailure([told('x', 1)], 'x')).toEqual([told('x', 2)]));
});

describe(lastReachedAtMs.name, () => {
  it.each([
    { addresses: [], result: undefined },
    { addresses: [told('a')], result: undefined },
    { addresses: [good('a', 5), told('b'), good('c', 9, 4)], result: 9 },
  ])('$result', ({ addresses, result }) => expect(lastReachedAtMs(addresses)).toBe(result));
});
