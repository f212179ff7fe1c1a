import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { AccessError } from '../access.errors.js';
import { readTokens, TokenFile } from './token-file.js';

const ONE = '1'.repeat(32);
const TWO = '2'.repeat(32);

describe(TokenFile.name, () => {
  let folder: string;
  let path: string;
  const clock = new ManualClock();
  const log = new RecordingLogger();
  const open = () => new TokenFile(path, clock, log);
  const refused = (reason: RegExp) =>
    expect.objectContaining({ code: 'ACCESS.TOKEN_FILE', message: expect.stringMatching(reason) });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'edgekeeper-tokens-'));
    path = join(folder, 'tokens');
    log.lines.length = 0;
    put(`admin:alice:${ONE}`);
  });

  afterEach(() => {
    for (const path of [folder, `${folder}.old`]) rmSync(path, { recursive: true, force: true });
  });

  /** As a careful writer replaces a file. */
  function put(text: string, mode = 0o600): void {
    writeFileSync(join(folder, 'next'), text, { mode });
    chmodSync(join(folder, 'next'), mode);
    renameSync(join(folder, 'next'), path);
  }

  it('knows who holds a token', () => {
    const sut = open();
    expect(sut.find(ONE)).toMatchObject({ name: 'alice', role: 'admin' });
    for (const token of [TWO, '', ONE.slice(1), `${ONE}1`]) expect(sut.find(token)).toBeUndefined();
  });

  it('sees a new version within a second', () => {
    const sut = open();
    put(`viewer:bob:${TWO}`);
    clock.advance(999);
    expect(sut.find(TWO)).toBeUndefined();
    clock.advance(1);
    expect(sut.find(TWO)).toMatchObject({ name: 'bob', role: 'viewer' });
    expect(sut.find(ONE)).toBeUndefined();
    expect(log.messages('info')).toEqual(['the token file was read again']);
  });

  it('does not read again what has not changed', () => {
    const sut = open();
    clock.advance(1_000);
    sut.find(ONE);
    expect(log.lines).toEqual([]);
  });

  it.each([
    ['cannot be read', () => put('rubbish')],
    ['others may read', () => put(`viewer:bob:${TWO}`, 0o640)],
    ['is gone', () => rmSync(path)],
    ['is in no folder', () => [rmSync(path), renameSync(folder, `${folder}.old`), writeFileSync(folder, '')]],
  ])('keeps the tokens of the last version and warns once when the new one %s', (_name, spoil) => {
    const sut = open();
    spoil();
    for (let checks = 0; checks < 3; checks += 1) {
      clock.advance(1_000);
      expect(sut.find(ONE)).toMatchObject({ name: 'alice' });
      expect(sut.find(TWO)).toBeUndefined();
    }
    expect(log.messages('warn')).toEqual(['the token file cannot be used, the last tokens stay']);
  });

  it('reads a version again that could not be read for want of something else', () => {
    let isShort = false;
    const sut = new TokenFile(path, clock, log, (file) => {
      if (isShort)
        throw new AccessError({ code: 'ACCESS.TOKEN_FILE', path: file, reason: 'too many open files' });
      return readTokens(file);
    });
    put(`viewer:bob:${TWO}`);
    isShort = true;
    for (let checks = 0; checks < 3; checks += 1) {
      clock.advance(1_000);
      expect(sut.find(ONE)).toMatchObject({ name: 'alice' });
    }
    expect(log.messages('warn')).toHaveLength(1);
    isShort = false;
    clock.advance(1_000);
    expect([sut.find(ONE), sut.find(TWO)]).toMatchObject([undefined, { name: 'bob' }]);
  });

  it('takes the next version that can be used', () => {
    const sut = open();
    rmSync(path);
    clock.advance(1_000);
    sut.find(ONE);
    put(`viewer:bob:${TWO}`);
    clock.advance(1_000);
    expect(sut.find(TWO)).toMatchObject({ name: 'bob' });
  });

  it('takes a file whose only change is that others may no longer read it', () => {
    const sut = open();
    put(`viewer:bob:${TWO}`, 0o644);
    clock.advance(1_000);
    expect(sut.find(TWO)).toBeUndefined();
    chmodSync(path, 0o600);
    clock.advance(1_000);
    expect(sut.find(TWO)).toMatchObject({ name: 'bob' });
  });

  it.each([0o640, 0o604, 0o620, 0o610])('refuses to begin with a file of mode %s that is our own', (mode) => {
    put(`admin:alice:${ONE}`, mode);
    expect(open).toThrow(refused(/chmod 600/));
  });

  it.each([
    ['nothing there', () => rmSync(path), /no such file/],
    ['a fault in it', () => put('admin:alice'), /line 1 does not read/],
    ['a file without end', () => put('#'.repeat(1_024 * 1_024 + 1)), /more than 1048576 bytes/],
    ['a folder', () => [rmSync(path), mkdirSync(path)], /is no file/],
    ['a pipe', () => [rmSync(path), execFileSync('mkfifo', ['-m', '600', path])], /is no file/],
  ])('refuses to begin with %s', (_name, spoil, reason) => {
    spoil();
    expect(open).toThrow(refused(reason));
  });
});
