import { type NestedUint8Array, RLP } from '@ethereumjs/rlp';
import { describe, expect, it } from '@jest/globals';
import { readBackup } from '../../../../test/support/fixtures.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock, encodeBlock } from '../codec/block.codec.js';
import { keccak256 } from '../crypto/keccak.js';
import type { Block, Header } from '../ports/types.js';
import { verifyStructure } from './verify-structure.js';

const rules = { hashWithType: true };
const blocks = readBackup('ibft-pos').blocks.map((raw) => decodeBlock(raw));
const [parent, block] = [31, 32].map((number) => blocks[number]) as [Block, Block];
const parentHash = block.header.parentHash;

const changed = (header: Partial<Header>, of: Block = block): Block =>
  decodeBlock(encodeBlock({ ...of, header: { ...of.header, ...header } }));

function failureOf(of: Block, given: Header = parent.header, hash = parentHash): unknown {
  try {
    verifyStructure(of, given, hash, rules);
    return undefined;
  } catch (error) {
    if (error instanceof BlockchainError) return error.code;
    throw error;
  }
}

describe('verifyStructure', () => {
  it('takes a recorded block with transactions of two types', () => {
    expect(new Set(block.transactions.map(({ type }) => type))).toEqual(new Set([0, 2]));
    expect(failureOf(block)).toBeUndefined();
  });

  const { gasLimit } = parent.header;
  const most = block.transactions.reduce((sum, { gas }) => sum + gas, 0n);

  it.each<[string, Block, string]>([
    ['another parent', changed({ parentHash: new Uint8Array(32) }), 'BLOCKCHAIN.UNKNOWN_PARENT'],
    ['a number too high', changed({ number: 33 }), 'BLOCKCHAIN.BAD_SEQUENCE'],
    ['a number too low', changed({ number: 31 }), 'BLOCKCHAIN.BAD_SEQUENCE'],
    ['more gas used than allowed', changed({ gasUsed: block.header.gasLimit + 1n }), 'BLOCKCHAIN.BAD_HEADER'],
    [
      'a gas limit that rose too far',
      changed({ gasLimit: gasLimit + gasLimit / 1_024n + 1n }),
      'BLOCKCHAIN.BAD_HEADER',
    ],
    [
      'a gas limit that fell too far',
      changed({ gasLimit: gasLimit - gasLimit / 1_024n - 1n }),
      'BLOCKCHAIN.BAD_HEADER',
    ],
    ['more gas used than its transactions may use', changed({ gasUsed: most + 1n }), 'BLOCKCHAIN.BAD_BODY'],
    ['another hash of uncles', changed({ sha3Uncles: new Uint8Array(32) }), 'BLOCKCHAIN.BAD_BODY'],
    [
      'a transaction less',
      changed({}, { ...block, transactions: block.transactions.slice(1) }),
      'BLOCKCHAIN.BAD_BODY',
    ],
    [
      'transactions in another order',
      changed({}, { ...block, transactions: block.transactions.toReversed() }),
      'BLOCKCHAIN.BAD_BODY',
    ],
  ])('refuses %s', (_, of, code) => {
    expect(failureOf(of)).toBe(code);
  });

  it('takes gas limits at both bounds', () => {
    expect(failureOf(changed({ gasLimit: gasLimit + gasLimit / 1_024n }))).toBeUndefined();
    expect(failureOf(changed({ gasLimit: gasLimit - gasLimit / 1_024n }))).toBeUndefined();
  });

  it('takes all the gas that the transactions may use', () => {
    expect(failureOf(changed({ gasUsed: most }))).toBeUndefined();
  });

  it('goes by the rules of the height for the root', () => {
    expect(() => verifyStructure(block, parent.header, parentHash, { hashWithType: false })).toThrow(
      expect.objectContaining({ code: 'BLOCKCHAIN.BAD_BODY' }),
    );
  });

  it('takes uncles whose hash is in the header, and no others', () => {
    const withUncle = (sha3Uncles: Uint8Array): Block => {
      const items = RLP.decode(changed({ sha3Uncles }).raw) as NestedUint8Array;
      items[2] = [(RLP.decode(parent.raw) as NestedUint8Array)[0] as NestedUint8Array];
      return decodeBlock(RLP.encode(items));
    };
    const uncles = RLP.encode([(RLP.decode(parent.raw) as NestedUint8Array)[0]]);
    expect(failureOf(withUncle(keccak256(uncles)))).toBeUndefined();
    expect(failureOf(withUncle(block.header.sha3Uncles))).toBe('BLOCKCHAIN.BAD_BODY');
  });
});
