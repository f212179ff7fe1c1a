import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../../../test/sim/seeded-random.js';
import type { Random } from '../../../common/random.js';
import { drawInTurn } from './draw-in-turn.js';

const firstChoice: Random = { bytes: (length) => new Uint8Array(length), below: () => 0 };
const lastChoice: Random = { ...firstChoice, below: (limit) => limit - 1 };
const items = ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'];
const letterOf = (item: string) => item.charAt(0);

describe(drawInTurn.name, () => {
  it.each([
    { name: 'the first', random: firstChoice, levels: [], expected: items },
    { name: 'the last', random: lastChoice, levels: [], expected: [...items].reverse() },
    {
      name: 'the last of the last group',
      random: lastChoice,
      levels: [letterOf],
      expected: ['c2', 'c1', 'b1', 'a3', 'a2', 'a1'],
    },
  ])('follows the choice: $name', ({ random, levels, expected }) => {
    expect([...drawInTurn(random, items, levels)]).toEqual(expected);
  });

  it('chooses a group anew for each item', () => {
    const choices = [0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const random: Random = { ...firstChoice, below: () => choices.shift() ?? 0 };
    expect([...drawInTurn(random, items, [letterOf])].slice(0, 3)).toEqual(['a1', 'b1', 'c1']);
  });

  it.each([1, 2, 3])('gives each item once (chance %s)', (seed) => {
    const drawn = [...drawInTurn(new SeededRandom(seed), items, [letterOf, (item) => item])];
    expect(drawn.sort()).toEqual(items);
  });

  it('gives nothing of nothing', () => {
    expect([...drawInTurn(firstChoice, [], [letterOf])]).toEqual([]);
  });
});
