import { expect, it } from '@jest/globals';
import { RecentlyUsed } from './recently-used.js';

it('makes a value once, and again only after it was the one unused for longest', () => {
  const values = new RecentlyUsed<string | undefined>(2);
  const made: string[] = [];
  const get = (key: string) =>
    values.get(key, () => {
      made.push(key);
      return key === 'nothing' ? undefined : key.toUpperCase();
    });
  expect([get('a'), get('nothing'), get('nothing'), get('a')]).toEqual(['A', undefined, undefined, 'A']);
  expect(made).toEqual(['a', 'nothing']);
  expect([get('b'), get('a'), get('nothing')]).toEqual(['B', 'A', undefined]);
  expect(made).toEqual(['a', 'nothing', 'b', 'nothing']);
});
