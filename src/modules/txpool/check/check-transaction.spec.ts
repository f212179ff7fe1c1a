import { describe, expect, it } from '@jest/globals';
import { aSigned, highS, type SignedOptions } from '../../../../test/support/signed-transactions.js';
import { fromHex, toHex } from '../../../common/bytes.js';
import { keccak256 } from '../../blockchain/index.js';
import { TxPoolError } from '../txpool.errors.js';
import { checkTransaction, MAX_TRANSACTION_BYTES, priceAt } from './check-transaction.js';
import type { NextBlockRules } from './next-block-rules.js';

const GWEI = 1_000_000_000n;
const LONDON: NextBlockRules = {
  chainId: 7_332,
  gasLimit: 5_000_000n,
  baseFee: GWEI,
  isHomestead: true,
  isEip155: true,
  isEip158: true,
  isIstanbul: true,
  isLondon: true,
  hashWithType: true,
  willHashWithType: false,
};
const BEFORE_LONDON: NextBlockRules = { ...LONDON, isLondon: false, baseFee: 0n };
const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array();

interface Case {
  readonly name: string;
  readonly raw?: Uint8Array;
  readonly options?: SignedOptions;
  readonly rules?: NextBlockRules;
  readonly priceLimit?: bigint;
  readonly expect: string;
}

const outcome = ({ raw, options, rules = LONDON, priceLimit = 0n }: Case) => {
  try {
    checkTransaction(raw ?? aSigned(options).raw, rules, priceLimit);
    return 'taken';
  } catch (error) {
    if (!(error instanceof TxPoolError)) throw error;
    return error.code.replace('TXPOOL.', '');
  }
};

const plainLegacy = aSigned().raw;
const creation = { to: undefined, gas: 4_000_000n };
const dynamic = { type: 'dynamic' as const };

describe(checkTransaction.name, () => {
  it.each([
    ['0xdeadbeef', 'cannot parse RLP: item is longer than its container'],
    ['0x00c0', 'cannot parse RLP: legacy transaction with a type byte'],
    ['0x', 'cannot parse RLP: transaction is empty'],
  ])('speaks of %s as of a transaction', (raw, text) => {
    expect(() => checkTransaction(bytes(raw), LONDON, 0n)).toThrow(text);
  });

  it.each<Case>([
    { name: 'a legacy transaction', expect: 'taken' },
    { name: 'a legacy transaction before EIP-155', options: { chainId: 'none' }, expect: 'taken' },
    { name: 'a dynamic one', options: dynamic, expect: 'taken' },
    { name: 'one that creates a contract', options: creation, expect: 'taken' },
    // Form.
    { name: 'no bytes', raw: new Uint8Array(), expect: 'UNDECODABLE' },
    { name: 'noise', raw: bytes('0xf8ff'), expect: 'UNDECODABLE' },
    { name: 'a cut one', raw: plainLegacy.subarray(0, -1), expect: 'UNDECODABLE' },
    { name: 'one with bytes behind it', raw: Uint8Array.of(...plainLegacy, 0), expect: 'UNDECODABLE' },
    { name: 'a legacy one with a type byte', raw: Uint8Array.of(0, ...plainLegacy), expect: 'UNDECODABLE' },
    { name: 'type 1', raw: bytes('0x01c0'), expect: 'UNKNOWN_TYPE' },
    { name: 'type 3', raw: bytes('0x03c0'), expect: 'UNKNOWN_TYPE' },
    { name: 'a string in place of a list', raw: bytes('0x80'), expect: 'UNKNOWN_TYPE' },
    { name: 'a state transaction', raw: bytes('0x7fc0'), expect: 'TYPE_REFUSED' },
    { name: 'a type byte alone', raw: bytes('0x02'), expect: 'UNDECODABLE' },
    // Size.
    { name: 'too many bytes', raw: new Uint8Array(MAX_TRANSACTION_BYTES + 1), expect: 'TOO_LARGE' },
    { name: 'as many as may be', raw: new Uint8Array(MAX_TRANSACTION_BYTES), expect: 'UNDECODABLE' },
    {
      name: 'init code of more than 48 KiB',
      options: { ...creation, input: new Uint8Array(49_153) },
      expect: 'INIT_CODE_TOO_LARGE',
    },
    { name: 'init code of 48 KiB', options: { ...creation, input: new Uint8Array(49_152) }, expect: 'taken' },
    {
      name: 'large init code before EIP-158',
      options: { ...creation, input: new Uint8Array(49_153) },
      rules: { ...LONDON, isEip158: false },
      expect: 'taken',
    },
    // Forks.
    {
      name: 'a dynamic one before London',
      options: dynamic,
      rules: BEFORE_LONDON,
      expect: 'TYPE_NOT_ACTIVE',
    },
    {
      name: 'a dynamic one while its hash is to change',
      options: dynamic,
      rules: { ...LONDON, hashWithType: false, willHashWithType: true },
      expect: 'DYNAMIC_NOT_ALLOWED',
    },
    {
      name: 'a dynamic one on a chain whose hashes never have the type',
      options: dynamic,
      rules: { ...LONDON, hashWithType: false },
      expect: 'taken',
    },
    {
      name: 'a protected one before EIP-155',
      rules: { ...LONDON, isEip155: false },
      expect: 'BAD_SIGNATURE',
    },
    // Gas.
    { name: 'less gas than any needs', options: { gas: 20_999n }, expect: 'GAS_TOO_LOW' },
    { name: 'less gas than a creation needs', options: { ...creation, gas: 52_999n }, expect: 'GAS_TOO_LOW' },
    {
      name: 'a creation before Homestead',
      options: { ...creation, gas: 21_000n },
      rules: { ...LONDON, isHomestead: false },
      expect: 'taken',
    },
    {
      name: 'less gas than its input needs',
      options: { gas: 21_019n, input: bytes('0x0001') },
      expect: 'GAS_TOO_LOW',
    },
    { name: 'just what its input needs', options: { gas: 21_020n, input: bytes('0x0001') }, expect: 'taken' },
    {
      name: 'less than that before Istanbul',
      options: { gas: 21_071n, input: bytes('0x0001') },
      rules: { ...LONDON, isIstanbul: false },
      expect: 'GAS_TOO_LOW',
    },
    { name: 'more gas than a block has', options: { gas: 5_000_001n }, expect: 'GAS_TOO_HIGH' },
    { name: 'all gas of a block', options: { gas: 5_000_000n }, expect: 'taken' },
    // Fees.
    { name: 'a price below the base fee', options: { gasPrice: GWEI - 1n }, expect: 'UNDERPRICED' },
    { name: 'no price before London', options: { gasPrice: 0n }, rules: BEFORE_LONDON, expect: 'taken' },
    { name: 'a price below the limit', priceLimit: GWEI + 1n, expect: 'UNDERPRICED' },
    { name: 'a price at the limit', priceLimit: GWEI, expect: 'taken' },
    {
      name: 'a fee cap below the base fee',
      options: { ...dynamic, gasFeeCap: GWEI - 1n, gasTipCap: 0n },
      expect: 'UNDERPRICED',
    },
    {
      name: 'base fee and tip below the limit',
      options: { ...dynamic, gasFeeCap: 9n * GWEI, gasTipCap: 1n },
      priceLimit: GWEI + 2n,
      expect: 'UNDERPRICED',
    },
    {
      name: 'a tip above the fee cap',
      options: { ...dynamic, gasFeeCap: GWEI, gasTipCap: GWEI + 1n },
      expect: 'TIP_ABOVE_FEE_CAP',
    },
    // Signature.
    { name: 'another chain', options: { chainId: 1 }, expect: 'OTHER_CHAIN' },
    { name: 'another chain, dynamic', options: { ...dynamic, chainId: 1 }, expect: 'OTHER_CHAIN' },
    { name: 'a high s', options: { tamper: highS }, expect: 'BAD_SIGNATURE' },
    { name: 'a high s, dynamic', options: { ...dynamic, tamper: highS }, expect: 'BAD_SIGNATURE' },
    // As in Go, whose signer before EIP-155 does not know of Homestead.
    { name: 'a high s before EIP-155', options: { chainId: 'none', tamper: highS }, expect: 'taken' },
    { name: 'no r', options: { tamper: (it) => ({ ...it, r: 0n }) }, expect: 'BAD_SIGNATURE' },
    { name: 'no s', options: { tamper: (it) => ({ ...it, s: 0n }) }, expect: 'BAD_SIGNATURE' },
    { name: 'no v', options: { tamper: (it) => ({ ...it, v: 0n }) }, expect: 'BAD_SIGNATURE' },
    {
      name: 'v of 2, dynamic',
      options: { ...dynamic, tamper: (it) => ({ ...it, v: 2n }) },
      expect: 'BAD_SIGNATURE',
    },
    {
      name: 'an r that is no point',
      options: { tamper: (it) => ({ ...it, r: 5n }) },
      expect: 'BAD_SIGNATURE',
    },
  ])('$name: $expect', (given) => {
    expect(outcome(given)).toBe(given.expect);
  });

  it('gives hash, sender, nonce and fees, and keeps none of the bytes it was given', () => {
    const { raw, hash, sender } = aSigned({ ...dynamic, nonce: 7n });
    const packet = new Uint8Array(100_000);
    packet.set(raw);
    const checked = checkTransaction(packet.subarray(0, raw.length), LONDON, 0n);
    expect(checked).toEqual({ hash, sender, raw, nonce: 7n, feeCap: 3n * GWEI, tipCap: GWEI });
    expect(checked.raw.buffer.byteLength).toBe(raw.length);
  });

  it('hashes typed transactions without type and chain where the fork is not there', () => {
    const { raw } = aSigned({ ...dynamic, chainId: 0 });
    const rules = { ...LONDON, chainId: 0, hashWithType: false };
    expect(checkTransaction(raw, rules, 0n).hash).toBe(toHex(keccak256(raw.subarray(1))));
  });

  it('has the texts of the Go client', () => {
    const text = (raw: Uint8Array) => {
      try {
        checkTransaction(raw, LONDON, 0n);
      } catch (error) {
        return (error as Error).message;
      }
      return 'none';
    };
    expect(text(bytes('0x01c0'))).toBe('unknown transaction type: 1');
    expect(text(new Uint8Array(MAX_TRANSACTION_BYTES + 1))).toBe('oversized data');
    expect(text(aSigned({ gas: 1n }).raw)).toBe('intrinsic gas too low');
    expect(text(aSigned({ gas: 6_000_000n }).raw)).toBe('exceeds block gas limit');
    expect(text(aSigned({ gasPrice: 1n }).raw)).toBe('transaction underpriced');
    expect(text(aSigned({ tamper: highS }).raw)).toBe('cannot extract signature');
  });
});

describe(priceAt.name, () => {
  it.each([
    { name: 'a legacy price', fees: { feeCap: 5n, tipCap: 5n }, baseFee: 3n, expect: 5n },
    { name: 'tip and base fee', fees: { feeCap: 9n, tipCap: 2n }, baseFee: 3n, expect: 5n },
    { name: 'no more than the cap', fees: { feeCap: 4n, tipCap: 2n }, baseFee: 3n, expect: 4n },
  ])('is $name', ({ fees, baseFee, expect: price }) => {
    expect(priceAt(fees, baseFee)).toBe(price);
  });
});
