import { describe, expect, it } from '@jest/globals';
import { jsonMembers } from './json-text.js';

const shown = (text: string, at = 0) =>
  jsonMembers(text, at).map(({ name, from, to }) => [name, text.slice(from, to)]);

describe('jsonMembers', () => {
  it.each([
    { name: 'none', text: '{ }', expect: [] },
    {
      name: 'numbers and literals',
      text: '{"a":1,"b" : null }',
      expect: [
        ['a', '1'],
        ['b', 'null'],
      ],
    },
    {
      name: 'nested values',
      text: '{\n "a": {"b": [1, {"c": 2}], "d": {}},\n "e": ["x", "y"]\n}',
      expect: [
        ['a', '{"b": [1, {"c": 2}], "d": {}}'],
        ['e', '["x", "y"]'],
      ],
    },
    {
      name: 'strings with what has a meaning outside',
      text: '{"a\\"}": "{,:\\\\", "b": "\\"}"}',
      expect: [
        ['a"}', '"{,:\\\\"'],
        ['b', '"\\"}"'],
      ],
    },
    {
      name: 'names that are escaped or repeated',
      text: '{"\\u0061":1,"a":2}',
      expect: [
        ['a', '1'],
        ['a', '2'],
      ],
    },
  ])('$name', ({ text, expect: members }) => {
    JSON.parse(text);
    expect(shown(text)).toEqual(members);
  });

  it('ends with the object', () => {
    const text = '{"a":{"b":1},"c":2}';
    expect(shown(text, text.indexOf('{', 1))).toEqual([['b', '1']]);
  });

  it('takes a string of any length', () => {
    const long = `"${'ab\\"'.repeat(1_000_000)}"`;
    expect(shown(`{"a":${long}}`)).toEqual([['a', long]]);
  });

  it('comes to an end with what is cut off', () => {
    for (const text of ['', '[[[', '{"a":1', '{"a":"\\']) expect(shown(text)).toEqual([]);
  });
});
