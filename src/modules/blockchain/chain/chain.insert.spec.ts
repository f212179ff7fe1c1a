import { afterEach, describe, expect, it } from '@jest/globals';
import { readBackup } from '../../../../test/support/fixtures.js';
import {
  blockOf,
  Chains,
  changed,
  ecdsa,
  ecdsaText,
  polybft,
  polybftText,
} from '../../../../test/support/recorded-chain.js';
import { toHex } from '../../../common/bytes.js';
import { InMemoryBlockStore } from '../adapters/memory/in-memory-block-store.adapter.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { ChainEvent, VerifiedBlock } from '../ports/types.js';

const SYNC = { source: 'sync' } as const;
const chains = new Chains();
afterEach(() => chains.closeAll());

describe('inserting', () => {
  it('verifies and stores a recorded chain, block 0 and known blocks left out', async () => {
    const chain = await chains.open();
    const first = await chain.insert(ecdsa.slice(0, 100), SYNC);
    expect(first.inserted.map(({ number }) => number)).toEqual(
      ecdsa.slice(1, 100).map((_, index) => index + 1),
    );
    const second = await chain.insert(ecdsa.slice(50, 120), SYNC);
    expect(second.inserted[0]?.number).toBe(100);
    expect(second.head).toEqual(chain.head());
    expect(second.head.number).toBe(119);
    expect(await chain.hashByNumber(119)).toEqual(second.head.hash);
    expect(await chain.numberByHash(second.head.hash)).toBe(119);
    const stored = await chain.rawBlocks(0, { maxCount: 1_000, maxBytes: 10_000_000 });
    expect(stored.map(toHex)).toEqual(ecdsa.slice(0, 120).map(toHex));
    expect((await chain.insert([], SYNC)).inserted).toEqual([]);
  });

  it('takes another copy of a known block: validators keep different seals', async () => {
    const chain = await chains.open();
    await chain.insert(ecdsa.slice(1, 10), SYNC);
    const copy = changed(5, { nonce: new Uint8Array(8).fill(0xff) });
    expect((await chain.insert([copy, blockOf(ecdsa, 10)], SYNC)).head.number).toBe(10);
  });

  it('takes a block twice in one batch', async () => {
    const chain = await chains.open();
    const batch = [
      blockOf(ecdsa, 1),
      blockOf(ecdsa, 2),
      blockOf(ecdsa, 1),
      blockOf(ecdsa, 2),
      blockOf(ecdsa, 3),
    ];
    expect((await chain.insert(batch, SYNC)).inserted.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it.each<{ name: string; bad: Uint8Array; code: string; number?: number }>([
    { name: 'bytes that are no block', bad: Uint8Array.of(1, 2), code: 'BLOCKCHAIN.UNDECODABLE', number: 4 },
    { name: 'no bytes', bad: new Uint8Array(), code: 'BLOCKCHAIN.UNDECODABLE', number: 4 },
    {
      name: 'a block cut off',
      bad: blockOf(ecdsa, 4).subarray(0, 600),
      code: 'BLOCKCHAIN.UNDECODABLE',
      number: 4,
    },
    {
      name: 'a block with bytes behind it',
      bad: Buffer.concat([blockOf(ecdsa, 4), Uint8Array.of(0x80)]),
      code: 'BLOCKCHAIN.NOT_CANONICAL',
      number: 4,
    },
    { name: 'too many bytes', bad: new Uint8Array(100_001), code: 'BLOCKCHAIN.TOO_LARGE', number: 4 },
    { name: 'a wrong seal', bad: changed(4, { gasUsed: 1n }), code: 'BLOCKCHAIN.BAD_SEAL', number: 4 },
    {
      name: 'a wrong mixHash',
      bad: changed(4, { mixHash: new Uint8Array(32) }),
      code: 'BLOCKCHAIN.BAD_HEADER',
      number: 4,
    },
    {
      name: 'a wrong extra',
      bad: changed(4, { extraData: new Uint8Array(2) }),
      code: 'BLOCKCHAIN.BAD_EXTRA',
      number: 4,
    },
    {
      name: 'a wrong root',
      bad: changed(4, { txRoot: new Uint8Array(32) }),
      code: 'BLOCKCHAIN.BAD_BODY',
      number: 4,
    },
    {
      name: 'another parent',
      bad: changed(4, { parentHash: new Uint8Array(32) }),
      code: 'BLOCKCHAIN.UNKNOWN_PARENT',
      number: 4,
    },
    { name: 'a block left out', bad: blockOf(ecdsa, 5), code: 'BLOCKCHAIN.BAD_SEQUENCE', number: 5 },
    {
      name: 'another block at a stored height',
      bad: changed(1, { gasUsed: 1n }),
      code: 'BLOCKCHAIN.BAD_SEQUENCE',
      number: 1,
    },
    { name: 'another block 0', bad: changed(0, { gasUsed: 1n }), code: 'BLOCKCHAIN.GENESIS_MISMATCH' },
    {
      name: 'block 0 of another chain',
      bad: blockOf(readBackup('ibft-bls').blocks, 0),
      code: 'BLOCKCHAIN.GENESIS_MISMATCH',
    },
  ])('ends at $name: the blocks before it are stored, those behind it not', async ({ bad, code, number }) => {
    const chain = await chains.open();
    const events: ChainEvent[] = [];
    chain.events$.subscribe((event) => events.push(event));
    const batch = [...ecdsa.slice(1, 4), bad, ...ecdsa.slice(4, 8)];
    const failure = await chain.insert(batch, SYNC).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BlockchainError);
    expect(failure).toMatchObject({ code });
    if (number !== undefined) expect(failure).toMatchObject({ detail: { number } });
    expect(chain.head()?.number).toBe(3);
    expect(events.flatMap(({ added }) => added.map((block) => block.number))).toEqual([1, 2, 3]);
    expect((await chain.insert(ecdsa.slice(4, 8), SYNC)).head.number).toBe(7);
  });

  it('refuses another block 0 of the same hash', async () => {
    const chain = await chains.open();
    // The nonce is not covered by the hash.
    const other = changed(0, { nonce: new Uint8Array(8).fill(1) });
    await expect(chain.insert([other], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
  });

  it('refuses a peer with another block 0 where the file does not fix its hash', async () => {
    const chain = await chains.open(polybftText);
    await chain.insert(polybft.slice(0, 2), SYNC);
    const other = changed(0, { stateRoot: new Uint8Array(32) }, polybft);
    await expect(chain.insert([other], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
  });

  it('carries out inserts one after another, in the order they were asked for', async () => {
    const chain = await chains.open();
    const failing = chain.insert([blockOf(ecdsa, 9)], SYNC);
    const inserts = [1, 11, 21].map((from) => chain.insert(ecdsa.slice(from, from + 10), SYNC));
    await expect(failing).rejects.toMatchObject({ code: 'BLOCKCHAIN.BAD_SEQUENCE' });
    expect((await Promise.all(inserts)).map(({ head }) => head.number)).toEqual([10, 20, 30]);
  });

  it('ends when its signal aborts and keeps what was verified', async () => {
    const chain = await chains.open();
    const signal = AbortSignal.abort();
    await expect(chain.insert(ecdsa.slice(1, 3), { ...SYNC, signal })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.CANCELLED',
    });
    const controller = new AbortController();
    const cancelled = chain.insert(ecdsa.slice(1, 200), { ...SYNC, signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(cancelled).rejects.toMatchObject({ code: 'BLOCKCHAIN.CANCELLED' });
    const reached = chain.head()?.number ?? 0;
    expect(reached).toBeLessThan(199);
    expect((await chain.insert(ecdsa.slice(reached + 1, 200), SYNC)).head.number).toBe(199);
  });

  it('lets other work go on meanwhile', async () => {
    const chain = await chains.open();
    let turns = 0;
    const count = () => {
      turns++;
      if (chain.head()?.number === 0) setImmediate(count);
    };
    setImmediate(count);
    await chain.insert(ecdsa.slice(1, 129), SYNC);
    expect(turns).toBeGreaterThanOrEqual(8);
  });

  it('gives on what a store fails with, and the chain is as before', async () => {
    class FullStore extends InMemoryBlockStore {
      isFull = false;

      override async append(blocks: readonly VerifiedBlock[]): Promise<void> {
        if (this.isFull) throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason: 'disk full' });
        return super.append(blocks);
      }
    }
    const store = new FullStore();
    const chain = await chains.open(ecdsaText, store);
    const events: ChainEvent[] = [];
    chain.events$.subscribe((event) => events.push(event));
    store.isFull = true;
    await expect(chain.insert(ecdsa.slice(1, 4), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_FAILED',
    });
    expect(chain.head()?.number).toBe(0);
    expect(events).toEqual([]);
    store.isFull = false;
    expect((await chain.insert(ecdsa.slice(1, 4), SYNC)).head.number).toBe(3);
  });

  it('does not hide a bug behind a code', async () => {
    const verifyHeader = () => {
      throw new TypeError('a bug');
    };
    const chain = await chains.open(ecdsaText, undefined, { verifyHeader });
    await expect(chain.insert([blockOf(ecdsa, 1)], SYNC)).rejects.toBeInstanceOf(TypeError);
  });
});
