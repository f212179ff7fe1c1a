import { describe, expect, it } from '@jest/globals';
import { OpenCounts } from './open-counts.js';

describe(OpenCounts.name, () => {
  it('tells which limit one more would break', () => {
    const sut = new OpenCounts({ perHolder: 2, total: 3 });
    const close = sut.open('a');
    sut.open('a');
    expect([sut.brokenBy('a'), sut.brokenBy('b')]).toEqual(['perHolder', undefined]);
    sut.open('b');
    expect(sut.brokenBy('b')).toBe('total');
    close();
    expect([sut.brokenBy('a'), sut.brokenBy('b')]).toEqual([undefined, undefined]);
  });

  it('takes one back once', () => {
    const sut = new OpenCounts({ perHolder: 9, total: 9 });
    sut.open('a');
    const close = sut.open('a');
    close();
    close();
    expect(sut.total).toBe(1);
  });

  it('counts amounts, and of who is exempt the whole alone', () => {
    const sut = new OpenCounts({ perHolder: 100, total: 400 });
    const close = sut.open('a', 100);
    sut.open(undefined, 299);
    expect([sut.brokenBy('a'), sut.brokenBy(undefined)]).toEqual(['perHolder', undefined]);
    sut.open(undefined);
    expect([sut.brokenBy('b'), sut.brokenBy(undefined)]).toEqual(['total', 'total']);
    close();
    expect([sut.total, sut.brokenBy('a')]).toEqual([300, undefined]);
  });
});
