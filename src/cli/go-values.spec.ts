import { describe, expect, it } from '@jest/globals';
import { goDurationMs, goUint64, goUint256 } from './go-values.js';

describe('values as Go reads them', () => {
  it.each([
    ['2s', 2_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['0', 0],
    ['.5s', 500],
    ['3', undefined],
    ['', undefined],
    ['-2s', undefined],
    ['2s x', undefined],
    ['x2s', undefined],
    ['2 s', undefined],
  ])('duration %j', (text, expected) => expect(goDurationMs(text)).toBe(expected));

  it.each([
    ['0', 0n],
    ['0x10', 16n],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['18446744073709551616', undefined],
    ['-1', undefined],
    ['0x', undefined],
    ['1e3', undefined],
    ['9'.repeat(100), undefined],
  ])('uint64 %j', (text, expected) => expect(goUint64(text)).toBe(expected));

  it('uint256', () => {
    expect(goUint256(`0x${'f'.repeat(64)}`)).toBe(2n ** 256n - 1n);
    expect(goUint256(`0x1${'0'.repeat(64)}`)).toBeUndefined();
  });
});
