import { afterEach, describe, expect, it } from '@jest/globals';
import { devChain } from '../../../../test/support/chain-builder/index.js';
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
import { NoMetrics } from '../../../common/metrics.port.js';
import { BlockchainError } from '../blockchain.errors.js';
import { type BlockchainMetrics, createBlockchainMetrics } from '../blockchain.metrics.js';
import { createConsensus } from '../consensus/create-consensus.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { ChainEvent } from '../ports/types.js';

const SYNC = { source: 'sync' } as const;
const chains = new Chains();
const long = devChain().grow(512);
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
    { name: 'gas used by nobody', bad: changed(4, { gasUsed: 1n }), code: 'BLOCKCHAIN.BAD_BODY', number: 4 },
    {
      name: 'a wrong seal',
      bad: changed(4, { stateRoot: new Uint8Array(32) }),
      code: 'BLOCKCHAIN.BAD_SEAL',
      number: 4,
    },
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
    { name: 'a block left out', bad: blockOf(ecdsa, 5), code: 'BLOCKCHAIN.UNKNOWN_PARENT', number: 5 },
    {
      name: 'another block at a stored height',
      bad: changed(1, { gasUsed: 1n }),
      code: 'BLOCKCHAIN.UNKNOWN_PARENT',
      number: 1,
    },
    { name: 'block 0', bad: blockOf(ecdsa, 0), code: 'BLOCKCHAIN.UNKNOWN_PARENT', number: 0 },
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

  it.each([
    { name: 'another block 0', other: changed(0, { gasUsed: 1n }) },
    { name: 'block 0 of another chain', other: blockOf(readBackup('ibft-bls').blocks, 0) },
    // The nonce is not covered by the hash.
    { name: 'another block 0 of the same hash', other: changed(0, { nonce: new Uint8Array(8).fill(1) }) },
  ])('refuses $name', async ({ other }) => {
    const chain = await chains.open();
    await expect(chain.insert([other], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
  });

  it('refuses a peer with another block 0 where the file does not fix its hash', async () => {
    const chain = await chains.open(polybftText);
    await chain.insert(polybft.slice(0, 2), SYNC);
    const other = changed(0, { stateRoot: new Uint8Array(32) }, polybft);
    await expect(chain.insert([other], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
  });

  it('names the block that is too far above the head', async () => {
    const chain = await chains.open();
    await expect(chain.insert([blockOf(ecdsa, 9)], SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.BAD_SEQUENCE',
      detail: { number: 9, expected: 1 },
    });
  });

  it('gives other work its turn many times in a large batch', async () => {
    const chain = await chains.open(long.genesisText);
    let turns = 0;
    const count = () => {
      turns++;
      if (chain.head()?.number === 0) setImmediate(count);
    };
    setImmediate(count);
    await chain.insert(long.blocks.slice(1), SYNC);
    expect(turns).toBeGreaterThanOrEqual(long.height / 16);
    turns = 0;
    let isDone = false;
    const countOn = () => {
      turns++;
      if (!isDone) setImmediate(countOn);
    };
    setImmediate(countOn);
    await chain.insert(long.blocks.slice(1), SYNC);
    isDone = true;
    expect(turns).toBeGreaterThanOrEqual(long.height / 64);
  });

  it('does not hide a bug behind a code', async () => {
    const judge = () => {
      throw new TypeError('a bug');
    };
    const consensus = Object.assign(createConsensus(parseGenesis(ecdsaText)), { judge });
    const chain = await chains.open(ecdsaText, { consensus });
    await expect(chain.insert([blockOf(ecdsa, 1)], SYNC)).rejects.toBeInstanceOf(TypeError);
  });

  it('counts what it stored and what it refused, by source', async () => {
    const counted: unknown[] = [];
    const metrics: BlockchainMetrics = {
      ...createBlockchainMetrics(new NoMetrics()),
      blocksInserted: (source, count) => counted.push([source, count]),
      blockRefused: (source, code) => counted.push([source, code]),
    };
    const chain = await chains.open(ecdsaText, { metrics });
    await chain.insert(ecdsa.slice(1, 4), { source: 'restore' });
    await chain.insert([blockOf(ecdsa, 3)], SYNC);
    await chain.insert([changed(4, { gasUsed: 1n })], SYNC).catch(() => undefined);
    const signal = AbortSignal.abort();
    await chain.insert([blockOf(ecdsa, 4)], { ...SYNC, signal }).catch(() => undefined);
    expect(counted).toEqual([
      ['restore', 3],
      ['sync', 'BLOCKCHAIN.BAD_BODY'],
    ]);
  });
});
