import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { tarFile } from './tar-file.js';

describe(tarFile.name, () => {
  it('makes what tar reads', () => {
    const big = Buffer.alloc(1_025, 'x');
    const archive = tarFile(
      [
        { name: 'a/empty.txt', content: Buffer.alloc(0) },
        { name: 'a/big.txt', content: big },
        { name: 'a/full.txt', content: Buffer.alloc(512, 'y') },
      ],
      1_700_000_000_000,
    );
    expect(archive.length % 512).toBe(0);
    const listed = execFileSync('tar', ['tvf', '-'], {
      input: archive,
      encoding: 'utf8',
      env: { TZ: 'UTC' },
    });
    expect(listed.split('\n').map((line) => line.split(/\s+/).slice(0, 6).join(' '))).toEqual([
      '-rw------- 0/0 0 2023-11-14 22:13 a/empty.txt',
      '-rw------- 0/0 1025 2023-11-14 22:13 a/big.txt',
      '-rw------- 0/0 512 2023-11-14 22:13 a/full.txt',
      '',
    ]);
    expect(execFileSync('tar', ['xOf', '-', 'a/big.txt'], { input: archive })).toEqual(big);
  });

  it('refuses a name that does not fit', () => {
    expect(() => tarFile([{ name: 'a'.repeat(100), content: Buffer.alloc(0) }], 0)).toThrow('too long');
  });
});
