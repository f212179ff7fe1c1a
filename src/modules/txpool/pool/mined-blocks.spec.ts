import { describe, expect, it } from '@jest/globals';
import { MinedBlocks } from './mined-blocks.js';
import type { PoolEntry } from './pool-book.js';

const entry = (bytes: number) => ({ raw: new Uint8Array(bytes) }) as PoolEntry;
const MIB = 1_024 * 1_024;

describe(MinedBlocks.name, () => {
  it('gives what a block had, once', () => {
    const blocks = new MinedBlocks();
    const entries = [entry(1), entry(2)];
    blocks.put('a', entries);
    expect(blocks.take('a')).toBe(entries);
    expect(blocks.take('a')).toEqual([]);
  });

  it('remembers 64 blocks', () => {
    const blocks = new MinedBlocks();
    for (let n = 0; n < 65; n++) blocks.put(String(n), [entry(1)]);
    expect([blocks.size, blocks.take('0').length, blocks.take('1').length]).toEqual([64, 0, 1]);
  });

  it('remembers 8 MiB, and none of a block that has more', () => {
    const blocks = new MinedBlocks();
    for (const name of ['a', 'b', 'c']) blocks.put(name, [entry(3 * MIB)]);
    expect([blocks.size, blocks.take('a').length]).toEqual([2, 0]);
    blocks.put('d', [entry(9 * MIB)]);
    expect(blocks.size).toBe(0);
    blocks.put('e', [entry(8 * MIB)]);
    expect(blocks.size).toBe(1);
  });
});
