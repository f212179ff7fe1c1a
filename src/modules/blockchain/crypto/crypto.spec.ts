import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { comparisons } from '../../../../test/oracle/compare.js';
import { readFixtureText } from '../../../../test/support/fixtures.js';
import { toHex } from '../../../common/bytes.js';
import { addressOf, recoverAddress, toChecksumAddress } from './address.js';
import { keccak256, keccakReady } from './keccak.js';
import {
  isCanonicalSeal,
  isValidPrivateKey,
  loadSecp256k1,
  publicKeyOf,
  recoverPublicKey,
  secp256k1Backend,
  signRecoverable,
} from './secp256k1.js';

interface Identity {
  address: string;
}

const identity = (JSON.parse(readFixtureText('secrets/identity.json')) as Identity[])[0];
const secret = (name: string) => new Uint8Array(Buffer.from(readFixtureText(`secrets/${name}`), 'hex'));
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const privateKey = bytes32.filter((key) => secp256k1.utils.isValidSecretKey(key));

it('keccak256 equals that of another implementation, in one part or more', async () => {
  // What came before was hashed by portable code.
  await keccakReady;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(400), (input, cut) => {
      const expected = toHex(keccak_256(input));
      expect(toHex(keccak256(input))).toBe(expected);
      expect(toHex(keccak256(input.subarray(0, cut), input.subarray(cut)))).toBe(expected);
    }),
  );
  expect(keccak256(Uint8Array.of(1)).buffer).not.toBe(keccak256(Uint8Array.of(1)).buffer);
});

it.each(['keccak256', 'secp256k1'])(
  '%s agrees with another implementation, on seals of every kind',
  async (name) => {
    expect((await comparisons[name]?.(300, 2))?.disagreements).toEqual([]);
  },
);

describe('secp256k1', () => {
  it('runs on the native addon', () => {
    expect(secp256k1Backend).toEqual({ name: 'native', cause: undefined });
  });

  it('runs in JavaScript with the same results where there is no addon, and tells why', () => {
    const require = createRequire(import.meta.url);
    const missing = new Error('no native build');
    const loaded = loadSecp256k1((path) => {
      if (path.endsWith('bindings.js')) throw missing;
      return require(path);
    });
    expect(loaded).toMatchObject({ backend: 'javascript', cause: missing });
    const [key, digest] = [new Uint8Array(32).fill(3), new Uint8Array(32).fill(4)];
    const { signature, recid } = loaded.api.ecdsaSign(digest, key);
    expect(toHex(Uint8Array.of(...signature, recid))).toBe(toHex(signRecoverable(digest, key)));
    expect(toHex(loaded.api.ecdsaRecover(signature, recid, digest, false))).toBe(
      toHex(publicKeyOf(key, false)),
    );
  });

  it('makes keys, seals and recovered keys as another implementation does', () => {
    fc.assert(
      fc.property(privateKey, bytes32, (key, digest) => {
        const seal = signRecoverable(digest, key);
        const theirs = secp256k1.sign(digest, key, { prehash: false, format: 'recovered' });
        expect(toHex(seal)).toBe(toHex(Uint8Array.of(...theirs.subarray(1), theirs[0] ?? 0)));
        const publicKey = publicKeyOf(key, false);
        expect(toHex(publicKey)).toBe(toHex(secp256k1.getPublicKey(key, false)));
        expect(toHex(publicKeyOf(key, true))).toBe(toHex(secp256k1.getPublicKey(key, true)));
        expect(recoverPublicKey(digest, seal)).toEqual(publicKey);
        expect(recoverAddress(digest, seal)).toEqual(addressOf(publicKey));
      }),
      { numRuns: 30 },
    );
  });

  it('takes any v but 1 for 0, as the Go client does', () => {
    const key = new Uint8Array(32).fill(1);
    const digests = Array.from({ length: 8 }, (_, index) => keccak256(Uint8Array.of(index)));
    const digest = digests.find((candidate) => signRecoverable(candidate, key)[64] === 0) ?? new Uint8Array();
    const seal = signRecoverable(digest, key);
    seal[64] = 27;
    expect(recoverPublicKey(digest, seal)).toEqual(publicKeyOf(key, false));
    seal[64] = 1;
    expect(recoverPublicKey(digest, seal)).not.toEqual(publicKeyOf(key, false));
  });

  it('recovers nothing from what is no seal', () => {
    const digest = new Uint8Array(32).fill(1);
    expect(recoverAddress(digest, new Uint8Array())).toBeUndefined();
    expect(recoverAddress(digest, new Uint8Array(64))).toBeUndefined();
    expect(recoverAddress(digest.subarray(1), new Uint8Array(65))).toBeUndefined();
    expect(recoverAddress(digest, new Uint8Array(65))).toBeUndefined();
    expect(recoverAddress(digest, new Uint8Array(65).fill(0xff))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 65, maxLength: 65 }), (seal) => {
        recoverAddress(digest, seal);
      }),
    );
  });

  it('lets a bug pass as it is, where a seal is no bytes', () => {
    const noBytes = Array.from({ length: 65 }, () => 1) as unknown as Uint8Array;
    expect(() => recoverPublicKey(new Uint8Array(32), noBytes)).toThrow(TypeError);
  });

  it('knows the form of a seal that honest signers write', () => {
    const half = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex');
    const seal = (s: Uint8Array, v: number) => Uint8Array.of(...new Uint8Array(32).fill(1), ...s, v);
    expect([0, 1, 2, 27].map((v) => isCanonicalSeal(seal(half, v)))).toEqual([true, true, false, false]);
    expect(
      isCanonicalSeal(
        seal(
          half.map((byte, at) => (at === 31 ? byte + 1 : byte)),
          0,
        ),
      ),
    ).toBe(false);
    expect(isCanonicalSeal(seal(half, 0).subarray(0, 64))).toBe(false);
    expect(isCanonicalSeal(Uint8Array.of(...seal(half, 0), 0))).toBe(false);
  });

  it('knows which private keys are valid', () => {
    fc.assert(
      fc.property(bytes32, (key) => isValidPrivateKey(key) === secp256k1.utils.isValidSecretKey(key)),
    );
    expect(isValidPrivateKey(new Uint8Array(32))).toBe(false);
    expect(isValidPrivateKey(new Uint8Array(32).fill(0xff))).toBe(false);
    expect(isValidPrivateKey(new Uint8Array(31).fill(1))).toBe(false);
  });
});

it('gives the address that the Go client shows for a recorded key', () => {
  expect(toChecksumAddress(addressOf(publicKeyOf(secret('validator.key'), false)))).toBe(identity?.address);
});

it.each([
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0x0000000000000000000000000000000000000000',
])('shows %s with the case of EIP-55', (text) => {
  expect(toChecksumAddress(Buffer.from(text.slice(2), 'hex'))).toBe(text);
});
