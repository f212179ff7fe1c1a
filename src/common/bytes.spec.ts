import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asciiBytes, bigEndian, bytesEqual, compareBytes, concatBytes, fromHex, toHex } from './bytes.js';

const bytes = () => fc.uint8Array({ maxLength: 80 });
const hexOf = (value: Uint8Array) => Buffer.from(value).toString('hex');

/** Buffer, which these do without, is what they are held to. */
describe('bytes', () => {
  it('writes and reads hex', () => {
    fc.assert(
      fc.property(bytes(), fc.boolean(), (value, isUpper) => {
        expect(toHex(value)).toBe(`0x${hexOf(value)}`);
        const text = isUpper ? hexOf(value).toUpperCase() : `0x${hexOf(value)}`;
        expect(fromHex(text)).toEqual(new Uint8Array(value));
      }),
    );
  });

  it.each(['0', '0x123', '0xzz', 'g0', '0x 1', '1\n'])('does not take %j for hex', (text) => {
    expect(fromHex(text)).toBeUndefined();
  });

  it('writes numbers, highest byte first', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 256n - 1n), (value) => {
        const digits = value.toString(16);
        expect(hexOf(bigEndian(value))).toBe(digits.padStart(digits.length + (digits.length % 2), '0'));
        expect(hexOf(bigEndian(value, 32))).toBe(digits.padStart(64, '0'));
      }),
    );
    expect(bigEndian(0)).toEqual(Uint8Array.of(0));
    expect(bigEndian(260)).toEqual(Uint8Array.of(1, 4));
  });

  it('compares and joins', () => {
    fc.assert(
      fc.property(bytes(), bytes(), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(bytesEqual(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(bytesEqual(a, a.slice())).toBe(true);
        expect(hexOf(concatBytes([a, b, a]))).toBe(hexOf(Buffer.concat([a, b, a])));
      }),
    );
  });

  it('gives the bytes of ASCII', () => {
    expect(asciiBytes('az 0')).toEqual(Uint8Array.of(97, 122, 32, 48));
  });
});
