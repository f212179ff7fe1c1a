import { describe, expect, it } from '@jest/globals';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { comparisons } from '../../../../test/oracle/compare.js';
import { readFixtureText } from '../../../../test/support/fixtures.js';
import { concatBytes, toHex } from '../../../common/bytes.js';
import { SystemRandom } from '../../../common/random.js';
import type { Aggregate } from './aggregate.js';
import {
  blsAggregate,
  blsPublicKey,
  blsSign,
  blsVerifyAggregate,
  blsVerifyAggregates,
  generateBlsSecret,
} from './bls12-381.js';

const secretOf = (index: number) => new Uint8Array(32).fill(index + 1);
const message = new Uint8Array(32).fill(7);

function signedBy(signers: readonly number[], over = message): Aggregate {
  return {
    publicKeys: signers.map((signer) => blsPublicKey(secretOf(signer))),
    message: over,
    signature: blsAggregate(signers.map((signer) => blsSign(secretOf(signer), over))),
  };
}

/** The signature plus, or minus, that of somebody over something else. */
function shifted(aggregate: Aggregate, negate: boolean): Aggregate {
  const shift = blsSign(secretOf(9), new Uint8Array(32));
  if (negate) shift[0] = (shift[0] ?? 0) ^ 0x20;
  return { ...aggregate, signature: blsAggregate([aggregate.signature, shift]) };
}

describe('keys', () => {
  it('has the public key that the Go client shows for a recorded secret', () => {
    const [identity] = JSON.parse(readFixtureText('secrets/identity.json')) as { bls_pubkey: string }[];
    const secret = new Uint8Array(Buffer.from(readFixtureText('secrets/validator-bls.key'), 'hex'));
    expect(toHex(blsPublicKey(secret))).toBe(identity?.bls_pubkey);
  });

  it('generates secrets whose public key another implementation agrees on', () => {
    const generated = generateBlsSecret(new SystemRandom());
    expect(generated).toHaveLength(32);
    expect(toHex(blsPublicKey(generated))).toBe(
      toHex(bls12_381.longSignatures.getPublicKey(generated).toBytes()),
    );
    expect(generateBlsSecret(new SystemRandom())).not.toEqual(generated);
  });

  it.each([new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(31).fill(1)])(
    'refuses what is no scalar: %s',
    (secret) => {
      expect(() => blsPublicKey(secret)).toThrow();
      expect(() => blsSign(secret, message)).toThrow();
    },
  );
});

describe('signatures', () => {
  it('signs as another implementation does', () => {
    const hashed = bls12_381.longSignatures.hash(message, 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_');
    const theirs = bls12_381.longSignatures.sign(hashed, secretOf(0)).toBytes(true);
    expect(toHex(blsSign(secretOf(0), message))).toBe(toHex(theirs));
  });

  it('adds up nothing but signatures', () => {
    expect(() => blsAggregate([])).toThrow();
    expect(() => blsAggregate([new Uint8Array(96)])).toThrow();
  });

  it('agrees with another implementation on good and bad aggregates, alone and in batches', async () => {
    const result = await comparisons['BLS12-381']?.(300, 2);
    expect(result?.disagreements).toEqual([]);
    expect(result?.accepted).toBeGreaterThan(60);
  }, 240_000);

  it('names exactly the bad ones of a batch', () => {
    const good = Array.from({ length: 20 }, (_, index) =>
      signedBy([0, 1 + (index % 4)], new Uint8Array(32).fill(index)),
    );
    const items = good.map((item, index) => (index % 7 === 3 ? { ...item, message } : item));
    expect(blsVerifyAggregates(good)).toEqual(good.map(() => true));
    expect(blsVerifyAggregates(items)).toEqual(items.map(({ message: over }) => over !== message));
    expect(blsVerifyAggregates([])).toEqual([]);
  });

  it('refuses two bad signatures whose sum is that of two good ones', () => {
    const [first, second] = [signedBy([0, 1]), signedBy([0, 1], new Uint8Array(32).fill(8))];
    expect(blsVerifyAggregates([shifted(first, false), shifted(second, true), first])).toEqual([
      false,
      false,
      true,
    ]);
    expect(shifted(shifted(first, false), true)).toEqual(first);
  });

  it('never takes two keys in one for the two keys, whichever came first', () => {
    for (const signers of [
      [2, 3],
      [3, 4],
    ]) {
      const aggregate = signedBy(signers);
      const joined = { ...aggregate, publicKeys: [concatBytes(aggregate.publicKeys)] };
      const order = signers[0] === 2 ? [joined, aggregate] : [aggregate, joined];
      expect(order.map(blsVerifyAggregate)).toEqual(order.map((item) => item === aggregate));
    }
  });

  it('lets a bug pass as it is, where a signature is no bytes', () => {
    const signature = { length: 96 } as unknown as Uint8Array;
    expect(() => blsVerifyAggregate({ ...signedBy([0]), signature })).toThrow();
  });
});
