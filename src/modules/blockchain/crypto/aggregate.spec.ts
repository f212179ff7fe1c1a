import { describe, expect, it } from '@jest/globals';
import { judgeEach } from './aggregate.js';

type Item = 'good' | 'bad';

/** The verdicts, and how many items each answer was about. */
function judged(items: readonly (Item | undefined)[]) {
  const asked: number[] = [];
  const verdicts = judgeEach(items, (some) => {
    asked.push(some.length);
    return some.every((item) => item === 'good');
  });
  return { verdicts, asked };
}

describe('judgeEach', () => {
  it.each<{ name: string; items: (Item | undefined)[]; asked: number[] }>([
    { name: 'nothing', items: [], asked: [] },
    { name: 'one good item', items: ['good'], asked: [1] },
    { name: 'one bad item', items: ['bad'], asked: [1] },
    { name: 'good items, all at once', items: ['good', 'good', 'good'], asked: [3] },
    { name: 'a bad item on the left', items: ['bad', 'good', 'good', 'good'], asked: [4, 2, 1, 1, 2] },
    {
      name: 'a bad item on the right, without asking for its half',
      items: ['good', 'good', 'good', 'bad'],
      asked: [4, 2, 1],
    },
    { name: 'bad items', items: ['bad', 'bad'], asked: [2, 1, 1] },
    {
      name: 'what is undefined, without asking',
      items: [undefined, 'good', undefined, 'bad'],
      asked: [2, 1],
    },
    { name: 'nothing but undefined', items: [undefined, undefined], asked: [] },
  ])('judges $name', ({ items, asked }) => {
    expect(judged(items)).toEqual({ verdicts: items.map((item) => item === 'good'), asked });
  });

  it('names each of several bad ones among many', () => {
    const items = Array.from({ length: 100 }, (_, index): Item => (index % 31 === 7 ? 'bad' : 'good'));
    const { verdicts, asked } = judged(items);
    expect(verdicts).toEqual(items.map((item) => item === 'good'));
    expect(asked.length).toBeLessThan(60);
  });
});
