import { afterEach, describe, expect, it } from '@jest/globals';
import { devChain } from '../../../../test/support/chain-builder/index.js';
import { Chains, changed, KeptStore, polybft, polybftText } from '../../../../test/support/recorded-chain.js';
import { BlockchainError } from '../blockchain.errors.js';
import { createConsensus } from '../consensus/create-consensus.js';
import type { InsertResult } from '../ports/chain.port.js';
import type { ExaminedChunk, ExamineJob } from '../verification/examine-chunk.js';
import { InlineExaminer } from '../verification/examiner.js';

const SYNC = { source: 'sync' } as const;
const built = devChain().grow(60);
const text = built.genesisText;
const bad = Uint8Array.of(0xc0);
const consensus = createConsensus(built.config);
const chains = new Chains();
afterEach(() => chains.closeAll());

const blocks = (from: number, to: number) => built.blocks.slice(from, to + 1);

/** The head's height, or the code, of each. */
async function outcomes(inserts: Promise<InsertResult>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(inserts);
  return settled.map((each) => (each.status === 'fulfilled' ? each.value.head.number : each.reason.code));
}

/** Does nothing until a job is released. */
class HeldExaminer extends InlineExaminer {
  readonly release: (() => void)[] = [];

  constructor() {
    super({ consensus, forks: built.config.forks, maxBlockBytes: 100_000 });
  }

  override async examine(job: ExamineJob): Promise<ExaminedChunk> {
    await new Promise<void>((resolve) => this.release.push(resolve));
    return super.examine(job);
  }
}

describe('several inserts at once', () => {
  it('are examined at the same time, and stored in the order they were asked for', async () => {
    const examiner = new HeldExaminer();
    const chain = await chains.open(text, { examiner });
    const added: number[] = [];
    chain.events$.subscribe((event) => added.push(...event.added.map(({ number }) => number)));
    const inserts = [1, 11, 21].map((from) => chain.insert(blocks(from, from + 9), SYNC));
    expect(examiner.release).toHaveLength(3);
    for (const release of examiner.release.toReversed()) release();
    expect(await outcomes(inserts)).toEqual([10, 20, 30]);
    expect(added).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  it('are cancelled where they continue one that fails; what is good before and behind is stored', async () => {
    const chain = await chains.open(text);
    const inserts = [
      chain.insert([...blocks(1, 3), bad, ...blocks(5, 6)], SYNC),
      chain.insert(blocks(7, 8), SYNC),
      chain.insert(blocks(9, 9), SYNC),
      chain.insert(blocks(1, 6), SYNC),
      chain.insert(blocks(7, 9), SYNC),
    ];
    const failures = await Promise.allSettled(inserts);
    expect(await outcomes(inserts)).toEqual([
      'BLOCKCHAIN.UNDECODABLE',
      'BLOCKCHAIN.CANCELLED',
      'BLOCKCHAIN.CANCELLED',
      6,
      9,
    ]);
    expect(failures[1]).toMatchObject({ reason: { cause: { code: 'BLOCKCHAIN.UNDECODABLE' } } });
    expect((await inserts[3])?.inserted.map(({ number }) => number)).toEqual([4, 5, 6]);
  });

  it('are cancelled as well behind one that could not be examined ahead', async () => {
    const chain = await chains.open(text);
    const inserts = [
      chain.insert(blocks(20, 29), SYNC),
      chain.insert(blocks(30, 31), SYNC),
      chain.insert(blocks(32, 33), SYNC),
      chain.insert(blocks(0, 5), SYNC),
      chain.insert(blocks(6, 8), SYNC),
    ];
    expect(await outcomes(inserts)).toEqual([
      'BLOCKCHAIN.BAD_SEQUENCE',
      'BLOCKCHAIN.CANCELLED',
      'BLOCKCHAIN.CANCELLED',
      5,
      8,
    ]);
  });

  it('go on behind blocks whose end cannot be read', async () => {
    const chain = await chains.open(text);
    const inserts = [
      chain.insert([...blocks(1, 4), bad], SYNC),
      chain.insert([], SYNC),
      chain.insert(blocks(5, 6), SYNC),
    ];
    expect(await outcomes(inserts)).toEqual(['BLOCKCHAIN.UNDECODABLE', 4, 6]);
  });

  it('are cancelled behind blocks that nothing can be foreseen from', async () => {
    const chain = await chains.open(polybftText);
    await chain.insert(polybft.slice(0, 2), SYNC);
    const inserts = [
      chain.insert([...polybft.slice(2, 4), changed(4, { extraData: new Uint8Array(2) }, polybft)], SYNC),
      chain.insert(polybft.slice(5, 7), SYNC),
    ];
    expect(await outcomes(inserts)).toEqual(['BLOCKCHAIN.BAD_EXTRA', 'BLOCKCHAIN.CANCELLED']);
    expect(chain.head()?.number).toBe(3);
  });

  it('go on over the end of a PolyBFT epoch', async () => {
    const chain = await chains.open(polybftText);
    await chain.insert(polybft.slice(0, 5), SYNC);
    const starts = [5, 9, 13, 17, 21, 25, 29, 33];
    const inserts = starts.map((from) => chain.insert(polybft.slice(from, from + 4), SYNC));
    expect(await outcomes(inserts)).toEqual(starts.map((from) => from + 3));
  });

  it('do not mind a rewind between them', async () => {
    const chain = await chains.open(text);
    const inserts = [chain.insert(blocks(1, 10), SYNC)];
    const rewound = chain.rewind(7);
    inserts.push(chain.insert(blocks(8, 9), SYNC), chain.insert(blocks(10, 12), SYNC));
    expect(await outcomes(inserts)).toEqual([10, 9, 12]);
    expect((await rewound).map(({ number }) => number)).toEqual([10, 9, 8]);
  });

  it('fail with what the examiner fails with, and the next one is taken', async () => {
    const failure = new BlockchainError({ code: 'BLOCKCHAIN.VERIFIER_FAILED', reason: 'planted' });
    let isFailing = true;
    class FailingExaminer extends InlineExaminer {
      override examine(job: ExamineJob): Promise<ExaminedChunk> {
        return isFailing ? Promise.reject(failure) : super.examine(job);
      }
    }
    const examiner = new FailingExaminer({
      consensus,
      forks: built.config.forks,
      maxBlockBytes: 100_000,
    });
    const chain = await chains.open(text, { examiner });
    expect(await outcomes([chain.insert(blocks(1, 4), SYNC)])).toEqual(['BLOCKCHAIN.VERIFIER_FAILED']);
    isFailing = false;
    expect(await outcomes([chain.insert(blocks(1, 4), SYNC)])).toEqual([4]);
  });
});

describe('a signal that aborts', () => {
  it('ends an insert before anything of it is stored, and what continues it', async () => {
    const examiner = new HeldExaminer();
    const chain = await chains.open(text, { examiner });
    const controller = new AbortController();
    const inserts = [
      chain.insert(blocks(1, 4), { ...SYNC, signal: controller.signal }),
      chain.insert(blocks(5, 6), SYNC),
    ];
    controller.abort();
    for (const release of examiner.release) release();
    expect(await outcomes(inserts)).toEqual(['BLOCKCHAIN.CANCELLED', 'BLOCKCHAIN.CANCELLED']);
    expect(chain.head()?.number).toBe(0);
  });

  it('does so in a branch, among known blocks and behind another insert', async () => {
    const chain = await chains.open(text);
    await chain.insert(blocks(1, 10), SYNC);
    const branch = built.fork(5);
    const signal = AbortSignal.abort();
    const inserts = [
      chain.insert([branch.seal({ difficulty: 99n }).raw], { ...SYNC, signal }),
      chain.insert(blocks(1, 10), { ...SYNC, signal }),
      chain.insert(blocks(11, 20), SYNC),
      chain.insert(blocks(21, 22), { ...SYNC, signal }),
    ];
    const cancelled = 'BLOCKCHAIN.CANCELLED';
    // The third continues the second, which was asked for blocks up to 10.
    expect(await outcomes(inserts)).toEqual([cancelled, cancelled, cancelled, cancelled]);
    expect(await outcomes([chain.insert(blocks(11, 12), SYNC)])).toEqual([12]);
  });
});

describe('closing in the middle', () => {
  it('ends what was asked for, in order, and refuses what comes later', async () => {
    const store = new KeptStore();
    const chain = await chains.open(text, { store });
    const inserts = [
      chain.insert(blocks(1, 40), SYNC),
      chain.insert(blocks(50, 50), SYNC),
      chain.insert(blocks(51, 52), SYNC),
      chain.insert(blocks(41, 45), SYNC),
    ];
    const closed = chain.close();
    const late = [chain.insert(blocks(46, 47), SYNC), chain.rewind(1), chain.prune(3, 10)];
    expect(await Promise.allSettled(late)).toEqual(
      late.map(() => ({
        status: 'rejected',
        reason: expect.objectContaining({ code: 'BLOCKCHAIN.STORE_CLOSED' }),
      })),
    );
    await closed;
    expect(await outcomes(inserts)).toEqual([40, 'BLOCKCHAIN.BAD_SEQUENCE', 'BLOCKCHAIN.CANCELLED', 45]);
    expect(store.closings).toBe(1);
    expect((await store.head())?.number).toBe(45);
  });

  it('closes the store even where the examiner cannot be closed', async () => {
    class StuckExaminer extends InlineExaminer {
      override close(): Promise<void> {
        return Promise.reject(new Error('stuck'));
      }
    }
    const store = new KeptStore();
    const examiner = new StuckExaminer({ consensus, forks: built.config.forks, maxBlockBytes: 100_000 });
    const chain = await new Chains().open(text, { store, examiner });
    await expect(chain.close()).rejects.toThrow('stuck');
    expect(store.closings).toBe(1);
  });
});
