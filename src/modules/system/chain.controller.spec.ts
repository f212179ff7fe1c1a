import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anExploredChain, type ExploredChain } from '../../../test/support/explored-chain.js';
import { readJsonl } from '../../../test/support/fixtures.js';
import { fromHex, toHex } from '../../common/bytes.js';
import {
  BlockForm,
  BlockReplySchema,
  GetBlockRequestSchema,
  GetHeaderRequestSchema,
  HeaderReplySchema,
  SetSource,
  ValidatorSetSchema,
} from '../../gen/edgekeeper/v1/chain_pb.js';
import { createVerifier } from '../../verifier/index.js';
import { ChainController } from './chain.controller.js';

type Recorded = Record<string, string> & { transactions: Record<string, string | null>[] };

const block = (init: MessageInitShape<typeof GetBlockRequestSchema>) => create(GetBlockRequestSchema, init);
const header = (init: MessageInitShape<typeof GetHeaderRequestSchema>) =>
  create(GetHeaderRequestSchema, init);
const at = (number: number) => ({ block: { case: 'number', value: BigInt(number) } }) as const;
const lower = (text: string | null | undefined) => (text ?? '').toLowerCase();

describe(ChainController.name, () => {
  const networks = ['ibft-ecdsa', 'ibft-bls', 'polybft'] as const;
  const chains = new Map<string, ExploredChain>();
  const on = (network: string): ExploredChain => {
    const chain = chains.get(network);
    if (chain === undefined) throw new Error(`${network} is not open`);
    return chain;
  };

  beforeAll(async () => {
    for (const network of networks) chains.set(network, await anExploredChain(network));
  });
  afterAll(async () => {
    for (const { chain } of chains.values()) await chain.close();
  });

  it.each(networks)('%s: blocks decoded are those that the Go client shows', async (network) => {
    const { sut } = on(network);
    for (const recorded of readJsonl<Recorded>(`${network}/blocks.jsonl`)) {
      const number = Number(recorded.number);
      const reply = create(BlockReplySchema, await sut.getBlock(block(at(number))));
      expect(reply).toMatchObject({ number: BigInt(number), hash: recorded.hash, canonical: true });
      expect(reply.header).toMatchObject({
        parentHash: recorded.parentHash,
        sha3Uncles: recorded.sha3Uncles,
        miner: lower(recorded.miner),
        stateRoot: recorded.stateRoot,
        transactionsRoot: recorded.transactionsRoot,
        receiptsRoot: recorded.receiptsRoot,
        gasLimit: BigInt(recorded.gasLimit ?? 0),
        gasUsed: BigInt(recorded.gasUsed ?? 0),
        difficulty: BigInt(recorded.difficulty ?? 0),
        timestamp: BigInt(recorded.timestamp ?? 0),
        mixHash: recorded.mixHash,
      });
      // The Go client shows the extra of PolyBFT without what its hash leaves out.
      if (network !== 'polybft')
        expect(toHex(reply.header?.extraData ?? new Uint8Array())).toBe(recorded.extraData);
      expect(
        reply.transactions.map(({ hash, from, to, nonce, gas, value, input }) => ({
          ...{ hash, from, to, nonce, gas, value },
          input: toHex(input),
        })),
      ).toEqual(
        recorded.transactions.map((each) => ({
          hash: each.hash,
          from: lower(each.from),
          to: lower(each.to),
          nonce: BigInt(each.nonce ?? 0),
          gas: BigInt(each.gas ?? 0),
          value: BigInt(each.value ?? 0).toString(),
          input: each.input,
        })),
      );
    }
  });

  it.each(networks)('%s: a block is found by its hash, and its RLP is what was stored', async (network) => {
    const { sut, blocks, chain } = on(network);
    const hash = toHex((await chain.hashByNumber(12)) ?? new Uint8Array());
    const request = block({ block: { case: 'hash', value: hash }, form: BlockForm.RLP });
    const reply = create(BlockReplySchema, await sut.getBlock(request));
    expect(reply).toMatchObject({ number: 12n, hash, canonical: true, transactions: [] });
    expect(toHex(reply.rlp)).toBe(toHex(blocks[12] ?? new Uint8Array()));
    const raw = create(HeaderReplySchema, await sut.getHeader(header({ ...at(12), form: BlockForm.RLP })));
    expect(toHex(reply.rlp)).toContain(toHex(raw.rlp).slice(2));
    expect(raw.header).toBeUndefined();
  });

  it.each(networks)('%s: those who sealed a block are of its set, and enough of it', async (network) => {
    const { sut } = on(network);
    for (const number of [1, 2, 10, 12]) {
      const reply = create(
        HeaderReplySchema,
        await sut.getHeader(header({ ...at(number), withSeals: true })),
      );
      const set = create(ValidatorSetSchema, await sut.getValidators({ number: BigInt(number) } as never));
      const addresses = set.validators.map(({ address }) => address);
      const { committed = [], proposer = '', round, bitmap = [], parentSeals } = reply.seals ?? {};
      expect(addresses).toEqual(expect.arrayContaining([...committed, proposer]));
      expect(committed.length).toBeGreaterThan((2 * addresses.length) / 3 - 1);
      expect(round).toBeGreaterThanOrEqual(0n);
      expect(bitmap.length > 0).toBe(network !== 'ibft-ecdsa');
      expect(parentSeals).toBe(number > 1);
    }
  });

  it('genesis has no seals', async () => {
    for (const network of networks) {
      const reply = await on(network).sut.getHeader(header({ ...at(0), withSeals: true }));
      expect(reply.seals).toBeUndefined();
    }
  });

  it('tells how a set is known', async () => {
    const sourceOf = async (network: string, number: number) => {
      const set = create(
        ValidatorSetSchema,
        await on(network).sut.getValidators({ number: BigInt(number) } as never),
      );
      return [set.engine, set.source, set.validators.length > 0];
    };
    expect(await sourceOf('ibft-ecdsa', 1)).toEqual(['ibft', SetSource.GENESIS, true]);
    expect(await sourceOf('polybft', 1)).toEqual(['polybft', SetSource.GENESIS, true]);
    const polybftHead = on('polybft').chain.head()?.number ?? 0;
    expect(await sourceOf('polybft', polybftHead)).toEqual(['polybft', SetSource.SET_DELTAS, true]);
    const head = on('ibft-ecdsa').chain.head()?.number ?? 0;
    expect(await sourceOf('ibft-ecdsa', head + 1)).toEqual(['ibft', SetSource.REPLAYED_VOTES, true]);
    const set = create(ValidatorSetSchema, await on('polybft').sut.getValidators({ number: 1n } as never));
    expect(set.validators[0]).toMatchObject({ votingPower: expect.stringMatching(/^[1-9]\d*$/) });
    expect(set.validators[0]?.blsKey).toHaveLength(128);
  });

  it.each([
    { name: 'a height above the head', request: at(1_000_000), code: 'SYSTEM.BLOCK_NOT_FOUND' },
    {
      name: 'a height beyond all',
      request: { block: { case: 'number', value: 2n ** 64n - 1n } } as const,
      code: 'SYSTEM.BLOCK_NOT_FOUND',
    },
    {
      name: 'an unknown hash',
      request: { block: { case: 'hash', value: `0x${'ab'.repeat(32)}` } } as const,
      code: 'SYSTEM.HASH_NOT_FOUND',
    },
    { name: 'nothing to look for', request: {}, code: 'SYSTEM.REQUEST_INVALID' },
    {
      name: 'the proof of a transaction that is not there',
      request: { ...at(12), proveTransaction: 99_999 },
      code: 'BLOCKCHAIN.PROOF_UNAVAILABLE',
    },
    {
      name: 'a proof that would begin behind its end',
      request: { ...at(12), withProof: true, proofFrom: 13n },
      code: 'BLOCKCHAIN.PROOF_UNAVAILABLE',
    },
  ])('refuses $name', async ({ request, code }) => {
    await expect(on('ibft-ecdsa').sut.getBlock(block(request))).rejects.toMatchObject({ code });
  });

  it('has no set above the block after the head', async () => {
    const { sut, chain } = on('ibft-bls');
    const number = BigInt((chain.head()?.number ?? 0) + 2);
    await expect(sut.getValidators({ number } as never)).rejects.toMatchObject({
      code: 'SYSTEM.BLOCK_NOT_FOUND',
    });
  });

  it.each(networks)('%s: gives proofs that a verifier takes', async (network) => {
    const { sut, genesis } = on(network);
    const recorded = readJsonl<Recorded>(`${network}/blocks.jsonl`).find(
      ({ transactions, number }) => transactions.length > 0 && Number(number) > 0,
    );
    const number = Number(recorded?.number);
    const request = block({ ...at(number), withProof: true, proveTransaction: 0 });
    const reply = create(BlockReplySchema, await sut.getBlock(request));
    const verifier = await createVerifier({ genesis });
    expect(verifier.verifyHeaderProof(JSON.parse(reply.proof)).hash).toBe(reply.hash);
    const proved = verifier.verifyTransactionProof(JSON.parse(reply.transactionProof));
    expect(proved.hash).toBe(reply.transactions[0]?.hash);
  });

  it('tells the head with its header', async () => {
    const { sut, chain } = on('ibft-bls');
    const { number, hash } = chain.head() ?? { number: -1, hash: new Uint8Array() };
    expect(await sut.head()).toMatchObject({
      number: BigInt(number),
      hash: toHex(hash),
      header: { number: BigInt(number) },
    });
  });
});

describe(`${ChainController.name} on a chain that lost blocks`, () => {
  let explored: ExploredChain;

  beforeAll(async () => {
    explored = await anExploredChain('ibft-ecdsa');
  });
  afterAll(() => explored.chain.close());

  it('finds a removed block by its hash, says so, and proves nothing of it', async () => {
    const { sut, chain } = explored;
    const { number = 0, hash = new Uint8Array() } = chain.head() ?? {};
    await chain.rewind(number - 1);
    const request = { block: { case: 'hash', value: toHex(hash) } } as const;
    const reply = create(BlockReplySchema, await sut.getBlock(block({ ...request, withSeals: true })));
    expect(reply).toMatchObject({ number: BigInt(number), hash: toHex(hash), canonical: false });
    expect(fromHex(reply.seals?.proposer ?? '')).toHaveLength(20);
    await expect(sut.getHeader(header({ ...request, withProof: true }))).rejects.toMatchObject({
      code: 'BLOCKCHAIN.PROOF_UNAVAILABLE',
    });
    await expect(sut.getHeader(header(at(number)))).rejects.toMatchObject({ code: 'SYSTEM.BLOCK_NOT_FOUND' });
  });

  it('refuses what is not kept any more', async () => {
    const { sut, chain, blocks } = explored;
    const hash = toHex((await chain.hashByNumber(3)) ?? new Uint8Array());
    while (await chain.prune(10, 100));
    for (const request of [at(3), { block: { case: 'hash', value: hash } } as const]) {
      const code = request.block.case === 'number' ? 'BLOCKCHAIN.PRUNED' : 'SYSTEM.HASH_NOT_FOUND';
      await expect(sut.getBlock(block(request))).rejects.toMatchObject({ code });
    }
    await expect(sut.getValidators({ number: 3n } as never)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.PRUNED',
    });
    const genesis = create(BlockReplySchema, await sut.getBlock(block({ ...at(0), form: BlockForm.RLP })));
    expect(toHex(genesis.rlp)).toBe(toHex(blocks[0] ?? new Uint8Array()));
    const tail = create(ValidatorSetSchema, await sut.getValidators({ number: 10n } as never));
    expect(tail.validators).not.toEqual([]);
  });
});
