import { beforeAll, describe, expect, it } from '@jest/globals';
import { ibftChain, transfers } from '../../../../test/support/chain-builder/index.js';
import { MAX_BLOCK_BYTES, VerifiedChain } from '../../../../test/support/verified-chain.js';
import { decodeBounded, examineChunk } from './examine-chunk.js';
import { InlineExaminer } from './examiner.js';
import { packJob, unpackJob } from './packed-job.js';

let chain: VerifiedChain;
let rest: readonly Uint8Array[];

const jobOf = (blocks: readonly Uint8Array[] = rest) => ({
  parent: chain.rawAt(0),
  blocks,
  hint: chain.stateAt(0).encoded,
});
const rules = () => ({
  consensus: chain.consensus,
  forks: chain.config.forks,
  maxBlockBytes: MAX_BLOCK_BYTES,
});
const spoil = (at: number) => rest.map((raw, index) => (index === at ? raw.subarray(1) : raw));

beforeAll(async () => {
  const built = ibftChain({ epochSize: 100 }).grow(3);
  built.seal({ transactions: transfers(2) });
  const vote = { candidate: built.newKey(), authorize: true };
  for (let votes = 0; votes < 3; votes++) built.seal({ vote });
  chain = await VerifiedChain.built('built', built.grow(14));
  rest = chain.raws.slice(1);
});

describe(examineChunk.name, () => {
  it('names each block, and what it follows', () => {
    const { blocks, refusal } = examineChunk(jobOf(), rules());
    expect(refusal).toBeUndefined();
    expect(blocks.map(({ evidence: _, ...block }) => block)).toEqual(
      chain.blocks.slice(1).map(({ header }) => ({
        number: header.number,
        hash: chain.hashAt(header.number),
        parentHash: header.parentHash,
        difficulty: header.difficulty,
        timestamp: header.timestamp,
      })),
    );
  });

  it('is nothing for no blocks', () => {
    expect(examineChunk(jobOf([]), rules())).toEqual({ blocks: [], refusal: undefined });
  });

  it('ends with what is wrong, be it bytes or seals, and names it', () => {
    const bytes = examineChunk(jobOf(spoil(5)), rules());
    expect(bytes.blocks).toHaveLength(5);
    expect(bytes.refusal).toMatchObject({ code: 'BLOCKCHAIN.UNDECODABLE', number: 6 });
    const tooLarge = examineChunk(jobOf(), { ...rules(), maxBlockBytes: chain.rawAt(4).length - 1 });
    expect(tooLarge.refusal).toMatchObject({ code: 'BLOCKCHAIN.TOO_LARGE', number: 4 });
    expect(tooLarge.blocks).toHaveLength(3);
  });

  it('survives a structured clone, and carries no block along', () => {
    const { blocks } = examineChunk(jobOf(), rules());
    expect(structuredClone(blocks)).toEqual(blocks);
    for (const { parentHash } of blocks) expect(parentHash.buffer.byteLength).toBe(32);
  });
});

describe(InlineExaminer.name, () => {
  it.each([0, 1, 7, 8, 9, 16, 21])('finds in %i blocks what one look finds', async (count) => {
    const examiner = new InlineExaminer(rules());
    const job = jobOf(rest.slice(0, count));
    expect(await examiner.examine(job)).toEqual(examineChunk(job, rules()));
    await examiner.close();
  });

  it.each([0, 7, 8, 15, 20])('ends with a refusal of the block at index %i', async (at) => {
    const examiner = new InlineExaminer(rules());
    const { blocks, refusal } = await examiner.examine(jobOf(spoil(at)));
    expect(blocks).toHaveLength(at);
    expect(refusal).toMatchObject({ code: 'BLOCKCHAIN.UNDECODABLE', number: at + 1 });
  });
});

describe('a packed job', () => {
  it('is the job, in one buffer of its own', () => {
    const job = jobOf();
    const packed = packJob(job);
    expect(unpackJob(packed)).toEqual(job);
    expect(packed.bytes.buffer.byteLength).toBe(packed.lengths.reduce((sum, length) => sum + length, 0));
    const empty = { ...job, blocks: [] };
    expect(unpackJob(packJob(empty))).toEqual(empty);
  });
});

describe(decodeBounded.name, () => {
  it('names the number that was expected where none can be read', () => {
    expect(() => decodeBounded(Uint8Array.of(1), 7, 100)).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ number: 7 }) }),
    );
  });
});
