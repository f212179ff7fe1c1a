import type { Random } from '../../../common/random.js';

/**
 * The items in an order by chance that gives each group the same chance at each step, however many items it has:
 * a group by the first level, in it one by the second, and so on, then an item. Lazy: what is not pulled costs little.
 */
export function* drawInTurn<T>(
  random: Random,
  items: readonly T[],
  levels: readonly ((item: T) => string)[],
): Generator<T> {
  const [keyOf, ...deeper] = levels;
  if (keyOf === undefined) {
    yield* shuffled(random, items);
    return;
  }
  const groups = groupsBy(items, keyOf).map((group) => drawInTurn(random, group, deeper));
  while (groups.length > 0) {
    const at = random.below(groups.length);
    const next = groups[at]?.next();
    if (next === undefined || next.done) groups.splice(at, 1);
    else yield next.value;
  }
}

function* shuffled<T>(random: Random, items: readonly T[]): Generator<T> {
  const left = [...items];
  while (left.length > 0) yield* left.splice(random.below(left.length), 1);
}

function groupsBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
