import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemRandom } from '../common/random.js';
import { LocalSecrets } from '../config/secrets/local-secrets.js';
import { maskFor, maskSettings } from './masked-text.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-mask-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe(maskFor.name, () => {
  it('knows the keys of the folder in every spelling', async () => {
    const secrets = new LocalSecrets(folder, new SystemRandom());
    const keys = [
      await secrets.create('network-key'),
      await secrets.create('validator-key'),
      await secrets.create('validator-bls-key', 2),
    ].map((key) => Buffer.from(key.reveal()));
    const mask = await maskFor(folder);
    for (const key of keys) {
      const hex = key.toString('hex');
      const text = `a ${hex} b 0x${hex} c ${hex.toUpperCase()} d ${key.toString('base64')}`;
      expect(mask(text)).toBe('a *** b 0x*** c *** d ***');
    }
  });

  it.each([
    { name: 'a bearer token', given: 'Authorization: Bearer abcdefgh.ijkl', expect: 'Authorization: ***' },
    { name: 'a password in a URL', given: 'GET https://me:pw@host/x', expect: 'GET https://***@host/x' },
    {
      name: 'a private key',
      given: 'x -----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY----- y',
      expect: 'x *** y',
    },
    { name: 'one that is cut off', given: '-----BEGIN PRIVATE KEY-----\nMHc=', expect: '***' },
    { name: 'nothing else', given: `block 0x${'ab'.repeat(32)}`, expect: `block 0x${'ab'.repeat(32)}` },
  ])('hides $name', async ({ given, expect: masked }) => {
    expect((await maskFor(folder))(given)).toBe(masked);
  });
});

describe(maskSettings.name, () => {
  it('hides values by their names, however deep', () => {
    const given = {
      node: { dataDir: 'd' },
      access: { tokens: ['one', 'two'], token: '', apiKey: 'k', tokenCount: 3 },
    };
    expect(maskSettings(given)).toEqual({
      node: { dataDir: 'd' },
      access: { tokens: ['***', '***'], token: '', apiKey: '***', tokenCount: 3 },
    });
  });
});
