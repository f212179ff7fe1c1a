import { describe, expect, it } from '@jest/globals';
import { parseHcl } from './hcl.js';

describe('parseHcl', () => {
  it.each([
    { name: 'nothing', source: ' \n# only a comment\n/* and\nanother */', is: {} },
    {
      name: 'values',
      source: 'a = "x\\"y"\nb = -5\nc = true\nd = 1.5\nw-1 = false',
      is: { a: 'x"y', b: -5, c: true, d: 1.5, 'w-1': false },
    },
    { name: 'blocks', source: 'n { a = 1 m { b = 2 } }', is: { n: { a: 1, m: { b: 2 } } } },
    { name: 'an assigned block', source: 'n = { a = 1, b = 2 }', is: { n: { a: 1, b: 2 } } },
    { name: 'lists', source: 'l = ["a", "b",]\nm = []', is: { l: ['a', 'b'], m: [] } },
    { name: 'quoted keys', source: '"a b" = 1', is: { 'a b': 1 } },
  ])('reads $name', ({ source, is }) => expect(parseHcl(source)).toEqual(is));

  it.each([
    'a',
    'a =',
    'a = b',
    'a 1',
    '= 1',
    'a = 1 }',
    'n {',
    'n { a = 1',
    'l = [1 2]',
    'l = [1',
    'a = "open',
    'a = "\\q"',
    'a = 1x',
    'a = $b',
    'a = <<EOF',
    'a = 1\na = 2',
    `${'n { '.repeat(10)}${'} '.repeat(10)}`,
    `l = ${'['.repeat(10)}`,
  ])('refuses %j', (source) => expect(() => parseHcl(source)).toThrow(SyntaxError));

  it('names the line', () => expect(() => parseHcl('a = 1\n\nb 2')).toThrow(/line 3/));
});
