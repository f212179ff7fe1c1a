import { describe, expect, it } from '@jest/globals';
import { fromHex, toHex } from '../../../common/bytes.js';
import type { BlockchainError } from '../blockchain.errors.js';
import { readEnvelope, writeEnvelope } from './transaction-envelope.js';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array();

describe('the EIP-2718 form of a transaction', () => {
  it.each([
    { name: 'a list is a legacy transaction', raw: '0xc180', type: 0x00, rlp: '0xc180' },
    { name: 'what comes before a list is its type', raw: '0x02c180', type: 0x02, rlp: '0xc180' },
    { name: 'a type may be unknown', raw: '0xbfc180', type: 0xbf, rlp: '0xc180' },
    { name: 'nothing need come behind a type', raw: '0x7f', type: 0x7f, rlp: '0x' },
  ])('$name', ({ raw, type, rlp }) => {
    const read = readEnvelope(bytes(raw));
    expect({ type: read.type, rlp: toHex(read.rlp) }).toEqual({ type, rlp });
    expect(toHex(writeEnvelope(read))).toBe(raw);
  });

  it.each([
    { name: 'no bytes', raw: '0x', code: 'BLOCKCHAIN.UNDECODABLE' },
    { name: 'a legacy transaction with a type byte', raw: '0x00c180', code: 'BLOCKCHAIN.NOT_CANONICAL' },
  ])('refuses $name', ({ raw, code }) => {
    let thrown: unknown;
    try {
      readEnvelope(bytes(raw));
    } catch (error) {
      thrown = error;
    }
    expect((thrown as BlockchainError).code).toBe(code);
  });
});
