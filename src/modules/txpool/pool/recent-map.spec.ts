import { describe, expect, it } from '@jest/globals';
import { RecentMap } from './recent-map.js';

describe(RecentMap.name, () => {
  it('keeps those set last', () => {
    const map = new RecentMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    expect([map.get('a'), map.has('b'), map.get('c')]).toEqual([3, false, 4]);
  });

  it('forgets all of one value', () => {
    const map = new RecentMap<string>(3);
    map.set('a', 'x');
    map.set('b', 'y');
    map.set('c', 'x');
    map.deleteValue('x');
    expect([map.has('a'), map.has('b'), map.has('c')]).toEqual([false, true, false]);
  });
});
