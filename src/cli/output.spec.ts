import { describe, expect, it } from '@jest/globals';
import { goNullable, goSlice, keyValues, list, toJson } from './output.js';

describe('keyValues', () => {
  it('aligns keys and shows empty values', () =>
    expect(
      keyValues([
        ['a', 1],
        ['long key', ' x '],
        ['é', ''],
      ]),
    ).toBe('a        = 1\nlong key = x\né        = <none>'));

  it('keeps a bar', () => expect(keyValues([['a', 'x|y']])).toBe('a = x|y'));
});

describe('lists', () => {
  it('stand one a line', () => expect(list(['a', ' '])).toBe('a\n<none>'));
  it('stand in brackets', () => expect(goSlice(['a', 'b'])).toBe('[a b]'));
  it('are null when empty', () => expect([goNullable([]), goNullable(['a'])]).toEqual([null, ['a']]));
});

describe('toJson', () => {
  it.each([
    {
      value: { a: 2n ** 63n, b: [1, null, true], c: { d: 'x' } },
      is: '{"a":9223372036854775808,"b":[1,null,true],"c":{"d":"x"}}',
    },
    { value: { e: '<a>&\u2028\u2029"\n' }, is: '{"e":"\\u003ca\\u003e\\u0026\\u2028\\u2029\\"\\n"}' },
    { value: [], is: '[]' },
  ])('writes $is', ({ value, is }) => expect(toJson(value)).toBe(is));
});
