import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toHex } from '../../common/bytes.js';
import { type Random, SystemRandom } from '../../common/random.js';
import { addressOf, blsPublicKey, publicKeyOf, toChecksumAddress } from '../../modules/blockchain/index.js';
import { peerIdOf } from './key-text.js';
import { type KeyName, LocalSecrets } from './local-secrets.js';

const NAMES: readonly KeyName[] = ['network-key', 'validator-key', 'validator-bls-key'];
const PATHS: Record<KeyName, string> = {
  'network-key': 'libp2p/libp2p.key',
  'validator-key': 'consensus/validator.key',
  'validator-bls-key': 'consensus/validator-bls.key',
};

const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/secrets/${name}`, import.meta.url), 'latin1');

let folder: string;
let secrets: LocalSecrets;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgekeeper-secrets-'));
  secrets = new LocalSecrets(folder, new SystemRandom());
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: KeyName, text: string): string {
  const path = join(folder, PATHS[name]);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const code = (wanted: string) => expect.objectContaining({ code: wanted });

describe('a data folder of the Go client', () => {
  beforeEach(() => {
    put('network-key', fixture('libp2p.key'));
    put('validator-key', fixture('validator.key'));
    put('validator-bls-key', fixture('validator-bls.key'));
  });

  it('gives the identity that it printed', async () => {
    const networkKey = (await secrets.networkKey()).reveal();
    const validatorKey = (await secrets.validatorKey())?.reveal() ?? new Uint8Array();
    const blsKey = (await secrets.blsKey())?.reveal() ?? new Uint8Array();
    const [identity] = JSON.parse(fixture('identity.json')) as [Record<string, string>];
    expect(peerIdOf(publicKeyOf(networkKey, true))).toBe(identity.node_id);
    expect(toChecksumAddress(addressOf(publicKeyOf(validatorKey, false)))).toBe(identity.address);
    expect(toHex(blsPublicKey(blsKey))).toBe(identity.bls_pubkey);
  });

  it.each(NAMES)('keeps its %s', async (name) => {
    const before = readFileSync(join(folder, PATHS[name]));
    await expect(secrets.create(name)).rejects.toEqual(code('CONFIG.KEY_EXISTS'));
    expect(readFileSync(join(folder, PATHS[name]))).toEqual(before);
  });
});

describe('an empty data folder', () => {
  it('has no validator keys, and none are made', async () => {
    expect(await secrets.validatorKey()).toBeUndefined();
    expect(await secrets.blsKey()).toBeUndefined();
    expect(existsSync(join(folder, 'consensus'))).toBe(false);
  });

  it('gets a network key that stays', async () => {
    const made = await secrets.networkKey();
    expect((await secrets.networkKey()).reveal()).toEqual(made.reveal());
    expect(readFileSync(join(folder, 'libp2p/libp2p.key'), 'latin1')).toMatch(/^08021220[0-9a-f]{64}$/);
  });

  it.each(NAMES)('gets a %s with the modes of the Go client', async (name) => {
    const umask = process.umask(0);
    try {
      await secrets.create(name);
    } finally {
      process.umask(umask);
    }
    const path = join(folder, PATHS[name]);
    expect(statSync(path).mode & 0o777).toBe(0o440);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o770);
    expect(readFileSync(path, 'latin1')).toMatch(/^[0-9a-f]+$/);
  });

  it.each(NAMES)('gives back the %s that was made', async (name) => {
    const made = await secrets.create(name);
    expect((await secrets.read(name))?.reveal()).toEqual(made.reveal());
  });

  it('draws again when the draw is no key', async () => {
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(32).fill(1)];
    const random: Random = { bytes: () => draws.shift() ?? new Uint8Array(), below: () => 0 };
    const made = await new LocalSecrets(folder, random).create('validator-key');
    expect(made.reveal()).toEqual(new Uint8Array(32).fill(1));
  });
});

describe('refusals name the file', () => {
  const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';

  it.each([
    { name: 'zero', file: 'validator-key', text: '00'.repeat(32) },
    { name: 'the group order', file: 'validator-key', text: order },
    { name: 'a BLS scalar out of range', file: 'validator-bls-key', text: 'ff'.repeat(32) },
    { name: 'a BLS scalar of zero', file: 'validator-bls-key', text: '00'.repeat(32) },
    { name: 'a network key of zero', file: 'network-key', text: `08021220${'00'.repeat(32)}` },
    { name: 'another libp2p key type', file: 'network-key', text: `08011240${'11'.repeat(64)}` },
    { name: 'a newline at the end', file: 'validator-key', text: `${'11'.repeat(32)}\n` },
    { name: 'an empty file', file: 'validator-key', text: '' },
    { name: 'a large file', file: 'validator-key', text: '11'.repeat(10_000) },
  ] as const)('$name', async ({ file, text }) => {
    const path = put(file, text);
    await expect(secrets.read(file)).rejects.toEqual(code('CONFIG.KEY_INVALID'));
    await expect(secrets.read(file)).rejects.toMatchObject({ detail: { path } });
  });

  it('a key that cannot be read is not taken for missing', async () => {
    mkdirSync(join(folder, PATHS['network-key']), { recursive: true });
    await expect(secrets.networkKey()).rejects.toEqual(code('CONFIG.KEY_UNREADABLE'));
  });

  it('a folder that cannot be made', async () => {
    writeFileSync(join(folder, 'libp2p'), '');
    await expect(secrets.create('network-key')).rejects.toEqual(code('CONFIG.KEY_UNWRITABLE'));
    writeFileSync(join(folder, 'file'), '');
    const below = new LocalSecrets(join(folder, 'file/data'), new SystemRandom());
    await expect(below.create('network-key')).rejects.toEqual(code('CONFIG.KEY_UNWRITABLE'));
    await expect(below.networkKey()).rejects.toEqual(code('CONFIG.KEY_UNREADABLE'));
  });
});

describe('several validators', () => {
  it('are there by their numbers, up to the first one missing', async () => {
    expect(await secrets.validators()).toEqual([]);
    const first = await secrets.create('validator-key');
    await secrets.create('validator-key', 2);
    const blsKey = await secrets.create('validator-bls-key', 2);
    await secrets.create('validator-key', 4);
    const validators = await secrets.validators();
    expect(validators.map(({ key }) => toHex(key.reveal())).at(0)).toBe(toHex(first.reveal()));
    expect(validators.map((one) => one.blsKey && toHex(one.blsKey.reveal()))).toEqual([
      undefined,
      toHex(blsKey.reveal()),
    ]);
    const names = ['validator.key', 'validator-2.key', 'validator-bls-2.key', 'validator-4.key'];
    expect(names.every((name) => existsSync(join(folder, 'consensus', name)))).toBe(true);
    await expect(secrets.create('validator-key', 2)).rejects.toEqual(code('CONFIG.KEY_EXISTS'));
  });
});
