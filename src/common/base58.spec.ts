import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { base58Decode, base58Encode } from './base58.js';
import { fromHex, toHex } from './bytes.js';

// Test vectors of draft-msporny-base58.
const vectors = [
  { hex: `0x${Buffer.from('Hello World!').toString('hex')}`, text: '2NEpo7TZRRrLZSi2U' },
  { hex: '0x0000287fb4cd', text: '11233QC4' },
  { hex: '0x00', text: '1' },
  { hex: '0xff', text: '5Q' },
];

describe('base58', () => {
  it.each(vectors)('writes and reads $text', ({ hex, text }) => {
    expect(base58Encode(fromHex(hex) ?? new Uint8Array())).toBe(text);
    expect(toHex(base58Decode(text) ?? new Uint8Array())).toBe(hex);
  });

  it('gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
        expect(base58Decode(base58Encode(bytes))).toEqual(bytes);
      }),
    );
  });

  it('writes nothing for no bytes', () => expect(base58Encode(new Uint8Array())).toBe(''));

  it.each(['', '0', 'O', 'I', 'l', '16Uiu2HAm é', '1'.repeat(129)])('refuses %j', (text) =>
    expect(base58Decode(text)).toBeUndefined(),
  );

  it('takes the longest text', () => expect(base58Decode('1'.repeat(128))).toHaveLength(128));
});
