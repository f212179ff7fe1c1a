import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { toHex } from '../../common/bytes.js';
import { publicKeyOf } from '../../modules/blockchain/index.js';
import { SettingFault } from '../setting.js';
import { keyText, networkKeyText, parseKeyText, parseNetworkKeyText, peerIdOf } from './key-text.js';

const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/secrets/${name}`, import.meta.url), 'latin1');
const [identity] = JSON.parse(fixture('identity.json')) as [{ node_id: string }];

describe('key files of the Go client', () => {
  it('give back their bytes', () => {
    expect(networkKeyText(parseNetworkKeyText(fixture('libp2p.key')))).toBe(fixture('libp2p.key'));
    expect(keyText(parseKeyText(fixture('validator.key')))).toBe(fixture('validator.key'));
  });

  it('give the peer ID', () => {
    const publicKey = publicKeyOf(parseNetworkKeyText(fixture('libp2p.key')), true);
    expect(peerIdOf(publicKey)).toBe(identity.node_id);
  });
});

describe('parseKeyText', () => {
  const key = 'ab'.repeat(32);

  it('takes upper case, as Go does', () => expect(toHex(parseKeyText(key.toUpperCase()))).toBe(`0x${key}`));

  it.each([
    `${key}\n`,
    `${key} `,
    `0x${key}`,
    `0X${key}`,
    key.slice(1),
    key.slice(2),
    `${key}ab`,
    '',
    `${key.slice(2)}zz`,
  ])('refuses %j without showing it', (text) => {
    expect(() => parseKeyText(text)).toThrow(SettingFault);
    expect(() => parseKeyText(text)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('abab') }),
    );
  });
});

describe('parseNetworkKeyText', () => {
  const body = '11'.repeat(32);

  it.each([
    { name: 'Ed25519', text: `08011240${body}${body}`, says: /Ed25519.*Secp256k1/ },
    { name: 'RSA', text: `08001220${body}`, says: /RSA/ },
    { name: 'ECDSA', text: `08031220${body}`, says: /ECDSA/ },
    { name: 'an unknown type', text: `08091220${body}`, says: /unknown/ },
    { name: 'no type', text: '08', says: /unknown/ },
    { name: 'no protobuf', text: body, says: /not a libp2p/ },
    { name: 'nothing', text: '', says: /not a libp2p/ },
    { name: 'a short key', text: `0802121f${body.slice(2)}`, says: /not a libp2p/ },
    { name: 'a cut key', text: `08021220${body.slice(2)}`, says: /not a libp2p/ },
    { name: 'a newline', text: `08021220${body}\n`, says: /newline/ },
  ])('refuses $name', ({ text, says }) => {
    expect(() => parseNetworkKeyText(text)).toThrow(SettingFault);
    expect(() => parseNetworkKeyText(text)).toThrow(says);
  });
});
