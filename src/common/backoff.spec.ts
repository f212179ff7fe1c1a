import { describe, expect, it } from '@jest/globals';
import { Backoff } from './backoff.js';
import type { Random } from './random.js';

const lowest: Random = { bytes: (length) => new Uint8Array(length), below: () => 0 };
const highest: Random = { bytes: (length) => new Uint8Array(length), below: (limit) => limit - 1 };
const limits = { baseMs: 1_000, maxMs: 20_000 };

describe(Backoff.name, () => {
  it.each([
    { failures: 1, least: 500, most: 1_000 },
    { failures: 2, least: 1_000, most: 2_000 },
    { failures: 5, least: 8_000, most: 16_000 },
    { failures: 6, least: 10_000, most: 20_000 },
    { failures: 10_000, least: 10_000, most: 20_000 },
  ])('waits $least to $most ms after $failures failures', ({ failures, least, most }) => {
    expect(new Backoff(limits, lowest).afterMs(failures)).toBe(least);
    expect(new Backoff(limits, highest).afterMs(failures)).toBe(most);
  });

  it('waits whole milliseconds, at least one', () => {
    expect(new Backoff({ baseMs: 1, maxMs: 1 }, lowest).afterMs(1)).toBe(1);
    expect(new Backoff({ baseMs: 3, maxMs: 3 }, lowest).afterMs(1)).toBe(2);
  });
});
