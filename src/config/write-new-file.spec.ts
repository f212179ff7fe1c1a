import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeNewFile } from './write-new-file.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-new-'));
  path = join(folder, 'file.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe(writeNewFile.name, () => {
  it('shows the file with all of its content or not at all, and leaves nothing else', async () => {
    const content = 'x'.repeat(100_000);
    const seen = new Set<number | undefined>();
    let isDone = false;
    const writing = writeNewFile(path, content, 0o440).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      seen.add(statSync(path, { throwIfNoEntry: false })?.size);
      await tick();
    }
    await writing;
    seen.delete(undefined);
    expect([...seen].filter((size) => size !== content.length)).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(statSync(path).mode & 0o777).toBe(0o440);
    expect(readdirSync(folder)).toEqual(['file.json']);
  });

  it('leaves a file that is there, empty or not', async () => {
    for (const content of ['', 'mine']) {
      writeFileSync(path, content);
      await expect(writeNewFile(path, 'yours')).rejects.toMatchObject({ code: 'EEXIST' });
      expect(readFileSync(path, 'utf8')).toBe(content);
    }
    expect(readdirSync(folder)).toEqual(['file.json']);
  });

  it('lets one of two that write at once win', async () => {
    const outcomes = await Promise.allSettled(['a', 'b'].map((content) => writeNewFile(path, content)));
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(readFileSync(path, 'utf8')).toBe(['a', 'b'][winner]);
  });
});
