import { afterEach, describe, expect, it } from '@jest/globals';
import { readBackup } from '../../../../test/support/fixtures.js';
import { aGenesisText, readGenesisText, withGenesis } from '../../../../test/support/genesis-texts.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { toHex } from '../../../common/bytes.js';
import { SilentLogger } from '../../../common/logger.port.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import { InMemoryBlockStore } from '../adapters/memory/in-memory-block-store.adapter.js';
import { BlockchainError } from '../blockchain.errors.js';
import { createBlockchainMetrics } from '../blockchain.metrics.js';
import { decodeBlock, encodeBlock } from '../codec/block.codec.js';
import { createConsensus } from '../consensus/create-consensus.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { ChainEvent, ChainHead, Header, VerifiedBlock } from '../ports/types.js';
import { ChainService } from './chain.service.js';

const ecdsa = readBackup('ibft-ecdsa').blocks;
const polybft = readBackup('polybft').blocks;
const bls = readBackup('ibft-bls').blocks;
const ecdsaText = readGenesisText('ibft-ecdsa');
const polybftText = readGenesisText('polybft', { withStateRoot: false });
const SYNC = { source: 'sync' } as const;

/** Stays open over several chains; ends when it really should. */
class KeptStore extends InMemoryBlockStore {
  closings = 0;

  override async close(): Promise<void> {
    this.closings++;
  }
}

const opened: ChainService[] = [];
afterEach(async () => {
  for (const chain of opened.splice(0)) await chain.close();
});

const clock = new ManualClock(1_000_000);

async function open(text = ecdsaText, store: BlockStore = new InMemoryBlockStore(), maxBlockBytes = 100_000) {
  const config = parseGenesis(text);
  const chain = await ChainService.open({
    store,
    consensus: createConsensus(config),
    config,
    maxBlockBytes,
    path: 'some/where',
    clock,
    metrics: createBlockchainMetrics(new NoMetrics()),
    log: new SilentLogger(),
  });
  opened.push(chain);
  return chain;
}

const raw = (blocks: readonly Uint8Array[], number: number): Uint8Array => blocks[number] ?? new Uint8Array();
const headerOf = (bytes: Uint8Array) => decodeBlock(bytes).header;

/** A block of the recording, changed and encoded again. */
function changed(number: number, change: Partial<Header>, blocks = ecdsa): Uint8Array {
  const { header, transactions } = decodeBlock(raw(blocks, number));
  return encodeBlock({ header: { ...header, ...change }, transactions });
}

describe('opening a chain', () => {
  it('writes the genesis block that the file gives', async () => {
    const chain = await open();
    const { header } = decodeBlock(raw(ecdsa, 0));
    expect(chain.head()).toMatchObject({ number: 0, timestamp: header.timestamp });
    expect(await chain.header(0)).toEqual(header);
    expect(await chain.header(1)).toBeUndefined();
    expect(toHex((await chain.rawBlock(0)) ?? new Uint8Array())).toBe(toHex(raw(ecdsa, 0)));
    expect(chain.info()).toEqual({
      name: parseGenesis(ecdsaText).name,
      chainId: 4101,
      engine: 'ibft',
      verification: createConsensus(parseGenesis(ecdsaText)).verification,
      genesisTrust: 'computed',
      genesisHash: chain.head()?.hash,
    });
  });

  it('trusts a state root that the file gives', async () => {
    const chain = await open(readGenesisText('polybft'));
    expect(chain.info().genesisTrust).toBe('trusted root');
    expect(toHex(chain.info().genesisHash ?? new Uint8Array())).toBe(
      toHex(headerOf(raw(polybft, 1)).parentHash),
    );
  });

  it('goes on where it was left', async () => {
    const store = new KeptStore();
    const first = await open(ecdsaText, store);
    await first.insert(ecdsa.slice(1, 6), SYNC);
    const again = await open(ecdsaText, store);
    expect(again.head()).toEqual(first.head());
    await again.insert(ecdsa.slice(6, 8), SYNC);
    expect(again.head()?.number).toBe(7);
  });

  it('refuses the store of another chain, and closes it', async () => {
    const store = new KeptStore();
    await open(ecdsaText, store);
    const other = aGenesisText(withGenesis({ gasLimit: '0x5001' }));
    await expect(open(other, store)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_OTHER_CHAIN',
      detail: { path: 'some/where', theirs: toHex(headerOf(raw(ecdsa, 1)).parentHash) },
    });
    expect(store.closings).toBe(1);
  });

  it('refuses the store of another chain where only a peer can give genesis', async () => {
    const store = new KeptStore();
    await open(ecdsaText, store);
    await expect(open(polybftText, store)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
  });
});

describe('a chain that waits for its genesis', () => {
  it('says so, and takes the first block 0 that agrees with the file', async () => {
    const store = new KeptStore();
    const chain = await open(polybftText, store);
    const heads: ChainHead[] = [];
    chain.head$.subscribe((head) => heads.push(head));
    expect(chain.info()).toMatchObject({ genesisTrust: 'missing', genesisHash: undefined });
    expect(chain.head()).toBeUndefined();
    await expect(chain.insert([], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISSING' });
    await expect(chain.insert(polybft.slice(1, 3), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.GENESIS_MISSING',
    });
    expect(heads).toEqual([]);

    const { inserted, head } = await chain.insert(polybft.slice(0, 20), SYNC);
    expect(inserted).toHaveLength(20);
    expect(head.number).toBe(19);
    expect(heads).toEqual([head]);
    expect(chain.info()).toMatchObject({ genesisTrust: 'peer', genesisHash: inserted[0]?.hash });

    const again = await open(polybftText, store);
    expect(again.info()).toEqual(chain.info());
  });

  it.each<{ name: string; bytes: Uint8Array }>([
    { name: 'of another gas limit', bytes: changed(0, { gasLimit: 1n }, polybft) },
    { name: 'of another extra', bytes: changed(0, { extraData: new Uint8Array(40) }, polybft) },
    {
      name: 'with a transaction',
      bytes: encodeBlock({
        header: headerOf(raw(polybft, 0)),
        transactions: decodeBlock(raw(ecdsa, 25)).transactions,
      }),
    },
  ])('refuses a block 0 $name', async ({ bytes }) => {
    const chain = await open(polybftText);
    await expect(chain.insert([bytes], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
    expect(chain.head()).toBeUndefined();
  });
});

describe('inserting', () => {
  it('verifies and stores a recorded chain, block 0 and known blocks left out', async () => {
    const chain = await open();
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
    const chain = await open();
    await chain.insert(ecdsa.slice(1, 10), SYNC);
    const copy = changed(5, { nonce: new Uint8Array(8).fill(0xff) });
    expect((await chain.insert([copy, raw(ecdsa, 10)], SYNC)).head.number).toBe(10);
  });

  it('takes a block twice in one batch', async () => {
    const chain = await open();
    const batch = [raw(ecdsa, 1), raw(ecdsa, 2), raw(ecdsa, 1), raw(ecdsa, 2), raw(ecdsa, 3)];
    expect((await chain.insert(batch, SYNC)).inserted.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it.each<{ name: string; bad: Uint8Array; code: string; number?: number }>([
    { name: 'bytes that are no block', bad: Uint8Array.of(1, 2), code: 'BLOCKCHAIN.UNDECODABLE', number: 4 },
    { name: 'no bytes', bad: new Uint8Array(), code: 'BLOCKCHAIN.UNDECODABLE', number: 4 },
    {
      name: 'a block cut off',
      bad: raw(ecdsa, 4).subarray(0, 600),
      code: 'BLOCKCHAIN.UNDECODABLE',
      number: 4,
    },
    {
      name: 'a block with bytes behind it',
      bad: Buffer.concat([raw(ecdsa, 4), Uint8Array.of(0x80)]),
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
    { name: 'a block left out', bad: raw(ecdsa, 5), code: 'BLOCKCHAIN.BAD_SEQUENCE', number: 5 },
    {
      name: 'another block at a stored height',
      bad: changed(1, { gasUsed: 1n }),
      code: 'BLOCKCHAIN.BAD_SEQUENCE',
      number: 1,
    },
    { name: 'another block 0', bad: changed(0, { gasUsed: 1n }), code: 'BLOCKCHAIN.GENESIS_MISMATCH' },
    { name: 'block 0 of another chain', bad: raw(bls, 0), code: 'BLOCKCHAIN.GENESIS_MISMATCH' },
  ])('ends at $name: the blocks before it are stored, those behind it not', async ({ bad, code, number }) => {
    const chain = await open();
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
    const chain = await open();
    // The nonce is not covered by the hash.
    const other = changed(0, { nonce: new Uint8Array(8).fill(1) });
    await expect(chain.insert([other], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
  });

  it('refuses a peer with another block 0 where the file does not fix its hash', async () => {
    const chain = await open(polybftText);
    await chain.insert(polybft.slice(0, 2), SYNC);
    const other = changed(0, { stateRoot: new Uint8Array(32) }, polybft);
    await expect(chain.insert([other], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
  });

  it('carries out inserts one after another, in the order they were asked for', async () => {
    const chain = await open();
    const failing = chain.insert([raw(ecdsa, 9)], SYNC);
    const inserts = [1, 11, 21].map((from) => chain.insert(ecdsa.slice(from, from + 10), SYNC));
    await expect(failing).rejects.toMatchObject({ code: 'BLOCKCHAIN.BAD_SEQUENCE' });
    expect((await Promise.all(inserts)).map(({ head }) => head.number)).toEqual([10, 20, 30]);
  });

  it('ends when its signal aborts and keeps what was verified', async () => {
    const chain = await open();
    const { signal } = { signal: AbortSignal.abort() };
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
    const chain = await open();
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
    const chain = await open(ecdsaText, store);
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
    const config = parseGenesis(ecdsaText);
    const broken = Object.assign(createConsensus(config), {
      verifyHeader: () => {
        throw new TypeError('a bug');
      },
    });
    const chain = await ChainService.open({
      store: new InMemoryBlockStore(),
      consensus: broken,
      config,
      maxBlockBytes: 100_000,
      path: '',
      clock,
      metrics: createBlockchainMetrics(new NoMetrics()),
      log: new SilentLogger(),
    });
    opened.push(chain);
    await expect(chain.insert([raw(ecdsa, 1)], SYNC)).rejects.toBeInstanceOf(TypeError);
  });
});

describe('head$ and events$', () => {
  it('tell of each block once, in order, when it is stored and head() has moved', async () => {
    const chain = await open();
    const seen: unknown[] = [];
    chain.events$.subscribe(({ type, added, removed, source, atMs }) => {
      seen.push({
        type,
        added: added.map(({ number }) => number),
        removed,
        source,
        atMs,
        head: chain.head()?.number,
      });
    });
    await chain.insert(ecdsa.slice(1, 4), { source: 'restore' });
    const event = { type: 'head:changed', removed: [], source: 'restore', atMs: 1_000_000, head: 3 };
    expect(seen).toEqual([1, 2, 3].map((number) => ({ ...event, added: [number] })));
  });

  it('replay the head alone, and complete when the chain closes', async () => {
    const chain = await open();
    await chain.insert(ecdsa.slice(1, 4), SYNC);
    const heads: number[] = [];
    const events: unknown[] = [];
    let completed = 0;
    const complete = () => completed++;
    chain.head$.subscribe({ next: ({ number }) => heads.push(number), complete });
    chain.events$.subscribe({ next: (event) => events.push(event), complete });
    expect(heads).toEqual([3]);
    expect(events).toEqual([]);
    await chain.insert(ecdsa.slice(4, 7), SYNC);
    expect(heads).toEqual([3, 6]);
    await chain.close();
    expect(completed).toBe(2);
  });
});

describe('closing', () => {
  it('ends the inserts under way, refuses new ones and closes the store once', async () => {
    const store = new KeptStore();
    const chain = await open(ecdsaText, store);
    const inserts = [chain.insert(ecdsa.slice(1, 40), SYNC), chain.insert([raw(ecdsa, 50)], SYNC)];
    const outcomes = Promise.allSettled(inserts);
    await Promise.all([chain.close(), chain.close()]);
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(store.closings).toBe(1);
    expect(chain.head()?.number).toBe(39);
    await expect(chain.insert([raw(ecdsa, 40)], SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_CLOSED',
    });
  });
});
