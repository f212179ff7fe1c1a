import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { replaceFile } from './replace-file.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-replace-'));
  path = join(folder, 'file.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe(replaceFile.name, () => {
  it('shows the old content or the new one, keeps the rights, and leaves nothing else', async () => {
    const content = 'x'.repeat(100_000);
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    const seen = new Set<number>();
    let isDone = false;
    const writing = replaceFile(path, content).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      seen.add(statSync(path).size);
      await tick();
    }
    await writing;
    expect([...seen].filter((size) => size !== content.length && size !== 'old'.length)).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['file.json']);
  });

  it('replaces what a link leads to', async () => {
    writeFileSync(path, 'old');
    const alias = join(folder, 'alias.json');
    symlinkSync(path, alias);
    await replaceFile(alias, 'new');
    expect(lstatSync(alias).isSymbolicLink()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('makes no file that is not there, and replaces no folder', async () => {
    await expect(replaceFile(path, 'new')).rejects.toMatchObject({ code: 'ENOENT' });
    mkdirSync(path);
    await expect(replaceFile(path, 'new')).rejects.toMatchObject({ code: 'EISDIR' });
    expect(readdirSync(folder)).toEqual(['file.json']);
  });
});
