/** One signature that several validators made together over one message. */
export interface Aggregate {
  /** Of those who signed, as encoded; each counts as often as it stands here. */
  readonly publicKeys: readonly Uint8Array[];
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Which of `items` are good, where `areGood` answers for many at about the cost of one. What it refuses is halved until the
 * bad ones stand alone: one bad item among n takes about 2·log2(n) answers, nothing but bad ones 2n. What is undefined is bad.
 * @param areGood Whether every item of the list, never empty, is good.
 */
export function judgeEach<T>(
  items: readonly (T | undefined)[],
  areGood: (items: readonly T[]) => boolean,
): boolean[] {
  const judged = judge(
    items.filter((item) => item !== undefined),
    areGood,
  );
  let next = 0;
  return items.map((item) => item !== undefined && judged[next++] === true);
}

function judge<T>(items: readonly T[], areGood: (items: readonly T[]) => boolean): boolean[] {
  return items.length === 0 || areGood(items) ? items.map(() => true) : nameBad(items, areGood);
}

/** The same for items of which one at least is bad. */
function nameBad<T>(items: readonly T[], areGood: (items: readonly T[]) => boolean): boolean[] {
  if (items.length === 1) return [false];
  const middle = items.length >> 1;
  const [left, right] = [items.slice(0, middle), items.slice(middle)];
  // Where all to the left are good, a bad one is to the right: no need to ask.
  if (areGood(left)) return [...left.map(() => true), ...nameBad(right, areGood)];
  return [...nameBad(left, areGood), ...judge(right, areGood)];
}
