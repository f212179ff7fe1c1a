import { describe, expect, it } from '@jest/globals';
import { fromHex, toHex } from '../../../common/bytes.js';
import { decodeTxn, encodeTxn } from './txn.codec.js';

describe('v1.Txn', () => {
  it('holds the transaction as the value of an Any without a type', () => {
    expect(toHex(encodeTxn(Uint8Array.of(0xc1, 0x80)))).toBe('0x0a041202c180');
    expect(toHex(decodeTxn(fromHex('0x0a041202c180') ?? new Uint8Array()))).toBe('0xc180');
  });

  it.each(['', '0a00', '0a020a00'])('is empty in %s', (hex) => {
    expect(decodeTxn(fromHex(hex) ?? new Uint8Array())).toEqual(new Uint8Array());
  });

  it('refuses what it cannot decode', () => {
    expect(() => decodeTxn(Uint8Array.of(0x0a, 0xff))).toThrow();
  });
});
