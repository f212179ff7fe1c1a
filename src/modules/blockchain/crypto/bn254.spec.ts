import { beforeAll, describe, expect, it } from '@jest/globals';
import { bn254 } from '@noble/curves/bn254.js';
import { bn254Oracle, encodeG1 as encodeTheirs, hashToPoint } from '../../../../test/oracle/bn254.js';
import { comparisons } from '../../../../test/oracle/compare.js';
import { concatBytes, toHex } from '../../../common/bytes.js';
import type { Aggregate } from './aggregate.js';
import {
  bn254Aggregate,
  bn254PublicKey,
  bn254Sign,
  bn254VerifyAggregate,
  bn254VerifyAggregates,
  CHECKPOINT_DOMAIN,
  isBn254PublicKey,
  prepareBn254,
} from './bn254.js';
import { hashToG1 } from './bn254-hash.js';
import { encodeG1 } from './bn254-points.js';

const hex = (digits: string) => new Uint8Array(Buffer.from(digits, 'hex'));
const secretOf = (index: number) => new Uint8Array(32).fill(index + 1);
const messageOf = (index: number) => new Uint8Array(32).fill(index);

function signedBy(signers: readonly number[], message = messageOf(7)): Aggregate {
  return {
    publicKeys: signers.map((signer) => bn254PublicKey(secretOf(signer))),
    message,
    signature: bn254Aggregate(
      signers.map((signer) => bn254Sign(secretOf(signer), message, CHECKPOINT_DOMAIN)),
    ),
  };
}

const verify = (aggregate: Aggregate) => bn254VerifyAggregate(aggregate, CHECKPOINT_DOMAIN);
const verifyAll = (aggregates: readonly Aggregate[]) => bn254VerifyAggregates(aggregates, CHECKPOINT_DOMAIN);

beforeAll(prepareBn254);

describe('hash to G1', () => {
  // @see polygon-edge@597a0f3 bls/testcases/hashToPoint.json
  const domain = hex('6bcb0b4a1b3cb408e8052f29ce6dcc3fafc710392de5543cdb0a45381178adbd');
  it.each([
    {
      message: '',
      x: '11c2cf0cece13174eb3c5971845bdf02d2a90f0b8bf91e0550b5fab6bf2e4438',
      y: '19297d35b9519898a3859b203d17ee90a96f3bcc52f58870fc07a99ba89e3358',
    },
    {
      message: 'a2',
      x: '138ae7d3eaffc1b5d08d9d7ee86daebd154ef44a062f27b66b6cdbfe3c30cc1a',
      y: '1d6bd2cccd34aaecbb7f7764aaecc11c029ba77305200e5953810dfd192127ef',
    },
    {
      message: '7e441700dc1fdba1d8f119e7eeae0e',
      x: '1bd69ace27635a961e2b60b49cc92b6877bc7e74387da68af0ad9730a8628874',
      y: '087a2d3e2982d0acd9759b5305a5b5190aba1301cbd8a4d11387859ebfebc3e8',
    },
    {
      message: '3f76356ed94e3316bd641378effc189fb47ddaa443f67afb2a0a6b1edaef',
      x: '2d6b3ee64f6766ef0e109943c6ee97751a7cc793a63e956f67fd82fe35473359',
      y: '0f5777367a386f4a6c029056706de8d6002b3f4519cbd207d0a93518b625cf7e',
    },
  ])('gives the Go client’s point for "$message"', ({ message, x, y }) => {
    expect(toHex(encodeG1(hashToG1(hex(message), domain)))).toBe(`0x${x}${y}`);
  });

  it('agrees with another implementation on messages and domains of any length', () => {
    for (let length = 0; length < 60; length++) {
      const [message, any] = [new Uint8Array(length * 3).fill(length), new Uint8Array(255 - length).fill(3)];
      expect(toHex(encodeG1(hashToG1(message, any)))).toBe(toHex(encodeTheirs(hashToPoint(message, any))));
    }
  });
});

describe('keys', () => {
  it('makes those of another implementation', () => {
    const [secret] = [secretOf(3)];
    expect(toHex(bn254PublicKey(secret))).toBe(toHex(bn254Oracle.publicKey(BigInt(toHex(secret)))));
  });

  it.each([
    new Uint8Array(32),
    hex(bn254.fields.Fr.ORDER.toString(16).padStart(64, '0')),
    new Uint8Array(31).fill(1),
  ])('refuses what is no scalar: %s', (secret) => {
    expect(() => bn254PublicKey(secret)).toThrow();
    expect(() => bn254Sign(secret, messageOf(0), CHECKPOINT_DOMAIN)).toThrow();
  });

  it('knows what is one', () => {
    const key = bn254PublicKey(secretOf(0));
    expect(isBn254PublicKey(key)).toBe(true);
    expect(isBn254PublicKey(key.subarray(1))).toBe(false);
    expect(isBn254PublicKey(new Uint8Array(128))).toBe(false);
    expect(isBn254PublicKey(key.map((byte, at) => (at === 127 ? byte ^ 1 : byte)))).toBe(false);
  });
});

describe('signatures', () => {
  it('has the domain of block seals', () => {
    expect(toHex(CHECKPOINT_DOMAIN)).toBe(
      '0xbee7fa562a38908559e4a988e62d6c08b84ef05f2ebd5d2bb2b855dc19d19fe2',
    );
  });

  it('signs as the Go client does', () => {
    const secret = hex('1555da7e579e60156690b8dbd43d6a986efff636174ea5e1dc8bcadec7732b7e');
    expect(toHex(bn254Sign(secret, Buffer.from('hello'), CHECKPOINT_DOMAIN))).toBe(
      '0x2c413f2c142c27643749e9b119a995c51e2ed637890376d10d3caa6f26cd7b801672935d0ff76d8837f4271ffb595ee2d4ba0db4e8807cbabf5d9ca4dd432c18',
    );
  });

  it('adds up nothing but signatures', () => {
    expect(() => bn254Aggregate([])).toThrow();
    expect(() => bn254Aggregate([new Uint8Array(64)])).toThrow();
  });

  it('encodes infinity as zeros, and takes it for no signature', () => {
    const signature = bn254Sign(secretOf(0), messageOf(0), CHECKPOINT_DOMAIN);
    const y = bn254.fields.Fp.ORDER - BigInt(toHex(signature.subarray(32)));
    const minus = Uint8Array.of(...signature.subarray(0, 32), ...hex(y.toString(16).padStart(64, '0')));
    const infinity = bn254Aggregate([signature, minus]);
    expect(infinity).toEqual(new Uint8Array(64));
    expect(verify({ ...signedBy([0]), signature: infinity })).toBe(false);
  });

  it('agrees with another implementation on good and bad aggregates, alone and in batches', async () => {
    const result = await comparisons.BN254?.(300, 2);
    expect(result?.disagreements).toEqual([]);
    expect(result?.accepted).toBeGreaterThan(60);
  }, 240_000);

  it('names exactly the bad ones of a batch, whoever signed', () => {
    const good = Array.from({ length: 20 }, (_, index) => signedBy([0, 1 + (index % 4)], messageOf(index)));
    const items = good.map((item, index) => (index % 7 === 3 ? { ...item, message: messageOf(99) } : item));
    expect(verifyAll(good)).toEqual(good.map(() => true));
    expect(verifyAll(items)).toEqual(good.map((_item, index) => index % 7 !== 3));
    expect(verifyAll([])).toEqual([]);
  });

  it('takes more than fit in one batch', () => {
    const good = signedBy([0]);
    const many = Array.from({ length: 600 }, (_, index) =>
      index === 550 ? { ...good, message: messageOf(1) } : good,
    );
    expect(verifyAll(many)).toEqual(many.map((_item, index) => index !== 550));
  });

  it('refuses two bad signatures whose sum is that of two good ones, but for coefficients that are equal', () => {
    const [first, second] = [signedBy([0, 1]), signedBy([0, 1], messageOf(8))];
    const exchanged = [
      { ...first, signature: second.signature },
      { ...second, signature: first.signature },
    ];
    expect(verifyAll([...exchanged, first])).toEqual([false, false, true]);
    const equal = (length: number) => new Uint8Array(length).fill(1);
    expect(bn254VerifyAggregates(exchanged, CHECKPOINT_DOMAIN, equal)).toEqual([true, true]);
  });

  it('holds a signature for another domain for bad', () => {
    expect(bn254VerifyAggregate(signedBy([0]), new Uint8Array(32))).toBe(false);
  });

  it('never takes two keys in one for the two keys, whichever came first', () => {
    for (const signers of [
      [2, 3],
      [3, 4],
    ]) {
      const aggregate = signedBy(signers);
      const joined = { ...aggregate, publicKeys: [concatBytes(aggregate.publicKeys)] };
      const order = signers[0] === 2 ? [joined, aggregate] : [aggregate, joined];
      expect(order.map(verify)).toEqual(order.map((item) => item === aggregate));
    }
  });
});
