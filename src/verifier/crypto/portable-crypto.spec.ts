import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AggregateCase } from '../../../test/oracle/aggregate-cases.js';
import { blsCases } from '../../../test/oracle/bls12-381.js';
import { bn254Cases } from '../../../test/oracle/bn254.js';
import { keccakCases, sealCases } from '../../../test/oracle/secp256k1.js';
import { toHex } from '../../common/bytes.js';
import type { Aggregate } from '../../modules/blockchain/crypto/aggregate.js';
import * as nativeBls from '../../modules/blockchain/crypto/bls12-381.js';
import * as nativeBn254 from '../../modules/blockchain/crypto/bn254.js';
import * as nativeKeccak from '../../modules/blockchain/crypto/keccak.js';
import * as nativeSecp256k1 from '../../modules/blockchain/crypto/secp256k1.js';
import * as bls from './bls12-381.js';
import * as bn254 from './bn254.js';
import * as keccak from './keccak.js';
import * as secp256k1 from './secp256k1.js';

/** What stands in the bundle has the types of what it stands for. */
const portable: {
  readonly keccak: Pick<typeof nativeKeccak, keyof typeof keccak>;
  readonly secp256k1: Pick<typeof nativeSecp256k1, keyof typeof secp256k1>;
  readonly bls: Pick<typeof nativeBls, keyof typeof bls>;
  readonly bn254: Pick<typeof nativeBn254, keyof typeof bn254>;
} = { keccak, secp256k1, bls, bn254 };

const SEED = 11;

describe('the portable cryptography answers as the native', () => {
  it('for keccak', () => {
    for (const { parts } of keccakCases(100, SEED)) {
      expect(toHex(portable.keccak.keccak256(...parts))).toBe(toHex(nativeKeccak.keccak256(...parts)));
    }
  });

  it('for seals of every kind', () => {
    for (const { kind, digest, seal } of sealCases(130, SEED)) {
      const [ours, theirs] = [portable.secp256k1, nativeSecp256k1].map((api) => {
        const key = api.recoverPublicKey(digest, seal);
        return { kind, key: key && toHex(key), isCanonical: api.isCanonicalSeal(seal) };
      });
      expect(ours).toEqual(theirs);
    }
  });

  const expectSame = (
    cases: Iterable<AggregateCase>,
    ours: (aggregates: readonly Aggregate[]) => boolean[],
    theirs: (aggregates: readonly Aggregate[]) => boolean[],
  ) => {
    const all = [...cases];
    const aggregates = all.map(({ aggregate }) => aggregate);
    const named = (verdicts: boolean[]) =>
      verdicts.map((verdict, index) => `${all[index]?.kind}: ${verdict}`);
    expect(named(ours(aggregates))).toEqual(named(theirs(aggregates)));
  };

  it('for aggregates of IBFT', () => {
    expectSame(blsCases(36, SEED), portable.bls.blsVerifyAggregates, nativeBls.blsVerifyAggregates);
  });

  describe('for PolyBFT', () => {
    beforeAll(() => Promise.all([portable.bn254.prepareBn254(), nativeBn254.prepareBn254()]));

    it('aggregates', () => {
      expect(toHex(portable.bn254.CHECKPOINT_DOMAIN)).toBe(toHex(nativeBn254.CHECKPOINT_DOMAIN));
      expectSame(
        bn254Cases(36, SEED),
        (aggregates) => portable.bn254.bn254VerifyAggregates(aggregates, bn254.CHECKPOINT_DOMAIN),
        (aggregates) => nativeBn254.bn254VerifyAggregates(aggregates, bn254.CHECKPOINT_DOMAIN),
      );
    });

    it('keys', () => {
      for (const { aggregate } of bn254Cases(36, SEED)) {
        for (const key of [...aggregate.publicKeys, aggregate.signature]) {
          expect(portable.bn254.isBn254PublicKey(key)).toBe(nativeBn254.isBn254PublicKey(key));
        }
      }
    });
  });
});
