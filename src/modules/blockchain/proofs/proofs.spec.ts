import { beforeAll, describe, expect, it } from '@jest/globals';
import { NETWORKS, type Network } from '../../../../test/support/fixtures.js';
import { type ProvableChain, recordedProvable } from '../../../../test/support/provable-chain.js';
import { toHex } from '../../../common/bytes.js';
import { decodeBlock } from '../codec/block.codec.js';
import { transactionHash } from '../codec/transaction.codec.js';
import { buildHeaderProof } from './build-header-proof.js';
import { buildTransactionProof } from './build-transaction-proof.js';
import type { HeaderProof, Verifier, VerifierOptions } from './proof.types.js';
import { ProofVerifier } from './proof-verifier.js';

/** Heights around changes of the set (test/fixtures/README.md), and the head. */
const HEIGHTS: Record<Network, readonly number[]> = {
  'ibft-ecdsa': [1, 27, 28, 34, 35, 66, 67, 69, 70, 71, 260],
  'ibft-bls': [1, 116, 119, 120, 121, 163, 164, 165, 270],
  'ibft-poa-rounds': [1, 513, 514, 515, 528],
  'ibft-pos': [1, 2, 10, 11, 32, 64],
  'ibft-switch': [1, 43, 44, 45, 50, 68, 69, 110],
  'ibft-pos-change': [1, 10, 19, 20, 21, 39, 40, 60, 85],
  polybft: [1, 2, 49, 50, 51, 59, 60, 61, 62, 150],
};

/** The first height that a changed contract set seals. */
const FIRST_TRUSTED: Partial<Record<Network, number>> = { 'ibft-pos-change': 20 };

const headersIn = ({ segments }: HeaderProof) => segments.flat().length;

function codeOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe.each(NETWORKS)('proofs of %s', (network) => {
  let provable: ProvableChain;
  let verifier: Verifier;

  beforeAll(async () => {
    provable = await recordedProvable(network);
    verifier = await ProofVerifier.create({ genesis: provable.text, acceptTrustedSets: true });
  });

  /** The verdict is what the chain itself knows. */
  async function expectTrue(proof: HeaderProof, number: number, by = verifier) {
    const { chain } = provable;
    const verified = by.verifyHeaderProof(JSON.parse(JSON.stringify(proof)));
    const hash = await chain.hashByNumber(number);
    expect(verified).toMatchObject({ number, hash: hash && toHex(hash) });
    const set = await chain.validatorsAt(number);
    expect(verified.validators.map(({ address }) => address)).toEqual(
      set?.map(({ address }) => toHex(address)),
    );
    return verified;
  }

  it.each(HEIGHTS[network])('block %i, by the blocks that change the set', async (number) => {
    const proof = await buildHeaderProof(provable.chain, provable.config, number);
    const { trustedSets } = await expectTrue(proof, number);
    expect(trustedSets > 0).toBe(number >= (FIRST_TRUSTED[network] ?? Number.POSITIVE_INFINITY));
  });

  it('block 75, by every block', async () => {
    const number = Math.min(75, provable.blocks.length - 1);
    const proof = await buildHeaderProof(provable.chain, provable.config, number, { full: true });
    expect(headersIn(proof)).toBe(number + 1);
    expect(await expectTrue(proof, number)).toMatchObject({ kind: 'full' });
  });

  it('a block behind a checkpoint, by its hash and state', async () => {
    const from = 13;
    const [hash, state] = await Promise.all([
      provable.chain.hashByNumber(from),
      provable.chain.stateAfter(from),
    ]);
    const checkpoint = {
      number: from,
      hash: toHex(hash ?? new Uint8Array()),
      state: toHex(state ?? new Uint8Array()),
    };
    const behind = await ProofVerifier.create({ genesis: provable.text, checkpoint });
    const proof = await buildHeaderProof(provable.chain, provable.config, from + 3, { from, full: true });
    expect(await expectTrue(proof, from + 3, behind)).toMatchObject({ kind: 'full', trustedSets: 0 });
    const itself = await buildHeaderProof(provable.chain, provable.config, from, { from });
    expect(await expectTrue(itself, from, behind)).toMatchObject({ kind: 'anchor' });
    const fromGenesis = await buildHeaderProof(provable.chain, provable.config, from + 3);
    expect(codeOf(() => behind.verifyHeaderProof(fromGenesis))).toBe('BLOCKCHAIN.PROOF_INVALID');
    expect(codeOf(() => verifier.verifyHeaderProof(proof))).toBe('BLOCKCHAIN.PROOF_INVALID');
  });

  it('every transaction', async () => {
    const { chain, config, blocks } = provable;
    for (const [number, raw] of blocks.entries()) {
      const { transactions, header } = decodeBlock(raw);
      if (transactions.length === 0) continue;
      const full = await buildTransactionProof(chain, config, { number, index: 0 });
      const { header: verified } = verifier.verifyTransactionProof(JSON.parse(JSON.stringify(full)));
      for (const [index, transaction] of transactions.entries()) {
        const proof = await buildTransactionProof(chain, config, { number, index });
        const named = { ...proof, header: verified.hash };
        const proved = verifier.verifyTransactionProof(named, verified);
        const rules = { hashWithType: config.forks.isActive('txHashWithType', header.number) };
        expect(proved).toMatchObject({
          index,
          hash: toHex(transactionHash(transaction, rules)),
          type: transaction.type,
          gas: transaction.gas,
        });
      }
    }
  });
});

describe('what cannot be proved', () => {
  let provable: ProvableChain;
  const verifierOf = (options: Partial<VerifierOptions> = {}) =>
    ProofVerifier.create({ genesis: provable.text, ...options });

  beforeAll(async () => {
    provable = await recordedProvable('ibft-pos-change');
  });

  it('is a set that a contract gave, unless the user accepts it', async () => {
    const verifier = await verifierOf();
    const { chain, config } = provable;
    expect(verifier.verifyHeaderProof(await buildHeaderProof(chain, config, 19)).trustedSets).toBe(0);
    for (const full of [false, true]) {
      const proof = await buildHeaderProof(chain, config, 20, { full });
      expect(codeOf(() => verifier.verifyHeaderProof(proof))).toBe('BLOCKCHAIN.SETS_NOT_PROVED');
    }
  });

  it('is not accepted by a strict verifier either', async () => {
    const verifier = await verifierOf({ acceptTrustedSets: true, strict: true });
    const proof = await buildHeaderProof(provable.chain, provable.config, 20);
    expect(codeOf(() => verifier.verifyHeaderProof(proof))).toBe('BLOCKCHAIN.ANOMALY');
  });

  it.each([
    ['a height above the head', 86, {}],
    ['a height below the start', 5, { from: 6 }],
  ])('is %s', async (_, number, options) => {
    const { chain, config } = provable;
    const built = buildHeaderProof(chain, config, number, options);
    await expect(built).rejects.toMatchObject({ code: 'BLOCKCHAIN.PROOF_UNAVAILABLE' });
  });

  it.each([
    ['that a block does not have', { number: 1, index: 0 }],
    ['of a block that is not there', { number: 86, index: 0 }],
  ])('is a transaction %s', async (_, place) => {
    const built = buildTransactionProof(provable.chain, provable.config, place);
    await expect(built).rejects.toMatchObject({ code: 'BLOCKCHAIN.PROOF_UNAVAILABLE' });
  });

  it.each<[string, Partial<VerifierOptions>, string]>([
    ['a genesis that is none', { genesis: '{}' }, 'BLOCKCHAIN.GENESIS_INVALID'],
    ['a checkpoint without a hash', { checkpoint: { number: 1, hash: '0x12' } }, 'BLOCKCHAIN.PROOF_INVALID'],
    [
      'a checkpoint whose state is not hex',
      { checkpoint: { number: 1, hash: `0x${'11'.repeat(32)}`, state: '0xz' } },
      'BLOCKCHAIN.PROOF_INVALID',
    ],
  ])('follows from %s', async (_, options, code) => {
    await expect(verifierOf(options)).rejects.toMatchObject({ code });
  });

  it('is anything on a chain that nobody seals', async () => {
    const genesis = JSON.parse(provable.text) as { params: { engine: unknown } };
    genesis.params.engine = { dev: {} };
    const created = verifierOf({ genesis: JSON.stringify(genesis) });
    await expect(created).rejects.toMatchObject({ code: 'BLOCKCHAIN.PROOF_INVALID' });
  });

  it('is more than a verifier has time for', async () => {
    const verifier = await verifierOf({ maxHeaders: 10 });
    const { chain, config } = provable;
    expect(verifier.verifyHeaderProof(await buildHeaderProof(chain, config, 9, { full: true })).number).toBe(
      9,
    );
    const longer = await buildHeaderProof(chain, config, 10, { full: true });
    expect(codeOf(() => verifier.verifyHeaderProof(longer))).toBe('BLOCKCHAIN.PROOF_INVALID');
  });
});

/** Its genesis file alone does not give the hash of block 0. */
describe('a chain whose block 0 needs execution', () => {
  it('is proved by the quorum of the set in the file, but block 0 is not', async () => {
    const { chain, config, text } = await recordedProvable('polybft');
    const genesis = JSON.parse(text) as { genesis: { stateRoot?: string } };
    delete genesis.genesis.stateRoot;
    const verifier = await ProofVerifier.create({ genesis: JSON.stringify(genesis) });
    expect(verifier.verifyHeaderProof(await buildHeaderProof(chain, config, 61)).number).toBe(61);
    const zero = await buildHeaderProof(chain, config, 0);
    expect(codeOf(() => verifier.verifyHeaderProof(zero))).toBe('BLOCKCHAIN.PROOF_INVALID');
  });
});
