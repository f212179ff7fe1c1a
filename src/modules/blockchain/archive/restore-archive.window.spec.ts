import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as macrotask } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { paddedBlock } from '../../../../test/support/archives.js';
import { FakeChain, fakeBlock } from '../../../../test/support/fake-chain.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { concatBytes } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { rawHeaderOf } from '../codec/block.codec.js';
import { decodeHeader } from '../codec/header.codec.js';
import type { InsertResult } from '../ports/chain.port.js';
import { archiveMetadata } from './archive-metadata.js';
import { restoreArchive } from './restore-archive.js';

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-archive-'));
});

afterAll(() => rm(folder, { recursive: true }));

const heightOf = (raw: Uint8Array) => decodeHeader(rawHeaderOf(raw)).number;

/** Takes what stands for blocks in an archive for blocks of {@link FakeChain}. */
class UnwrappingChain extends FakeChain {
  bad = new Set<number>();
  underWay = 0;
  mostUnderWay = 0;

  override async insert(raws: readonly Uint8Array[]): Promise<InsertResult> {
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      const numbers = raws.map(heightOf);
      return await super.insert(numbers.map((number) => fakeBlock(number, { bad: this.bad.has(number) })));
    } finally {
      this.underWay -= 1;
    }
  }
}

async function restore(
  count: number,
  chain: FakeChain,
  { signal = new AbortController().signal, clock = new ManualClock(), cut = 0 } = {},
) {
  const path = join(folder, `${files++}.dat`);
  const metadata = archiveMetadata({ latest: count - 1, latestHash: new Uint8Array(32) });
  const bytes = concatBytes([metadata, ...Array.from({ length: count }, (_, number) => paddedBlock(number))]);
  await writeFile(path, bytes.subarray(0, bytes.length - cut));
  const log = new RecordingLogger();
  return { log, ...(await restoreArchive({ path, writer: chain, chain, log, clock, signal })) };
}

describe(restoreArchive.name, () => {
  it('keeps three batches under way and no more', async () => {
    const chain = new UnwrappingChain(0);
    chain.beforeInsert = macrotask;
    const { restored } = await restore(900, chain);
    expect(restored).toBe(899);
    expect(chain.batches).toEqual([...new Array(7).fill(128), 4]);
    expect(chain.mostUnderWay).toBe(3);
  });

  it('tells every five seconds how far it is, and how fast', async () => {
    const chain = new UnwrappingChain(0);
    const clock = new ManualClock();
    chain.beforeInsert = async () => clock.advance(2_500);
    const { log } = await restore(900, chain, { clock });
    const lines = log.lines.filter(({ message }) => message === 'restoring').map(({ fields }) => fields);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(line).toEqual({
        height: expect.any(Number),
        latest: 899,
        blocksPerSecond: expect.any(Number),
      });
    }
    expect(lines.map((line) => Number(line?.blocksPerSecond)).every((rate) => rate > 0)).toBe(true);
  });

  it('fails with the first bad block when those behind it fail too, and leaves nothing under way', async () => {
    const chain = new UnwrappingChain(0);
    chain.bad = new Set([130, 300]);
    await expect(restore(600, chain)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.BAD_SEAL',
      detail: { number: 130 },
    });
    expect(chain.underWay).toBe(0);
    expect(chain.head()?.number).toBe(129);
  });

  it('fails with a bad block before the place where the file is cut off', async () => {
    const chain = new UnwrappingChain(0);
    chain.bad = new Set([270]);
    await expect(restore(300, chain, { cut: 1 })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.BAD_SEAL',
      detail: { number: 270 },
    });
  });

  it('tells what is kept when the file is cut off', async () => {
    const chain = new UnwrappingChain(0);
    await expect(restore(300, chain, { cut: 1 })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ARCHIVE_INVALID',
      detail: { keptUpTo: 298 },
    });
  });

  it('fails with the failure of the chain itself', async () => {
    const chain = new UnwrappingChain(0);
    const full = new BlockchainError({ code: 'BLOCKCHAIN.STORE_FULL', reason: 'no space' });
    chain.beforeInsert = () => Promise.reject(full);
    await expect(restore(300, chain)).rejects.toBe(full);
  });

  it('ends after the batches under way when stopped, which is no success', async () => {
    const chain = new UnwrappingChain(0);
    const controller = new AbortController();
    chain.beforeInsert = async () => controller.abort();
    await expect(restore(300, chain, { signal: controller.signal })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.CANCELLED',
      message: 'restore interrupted at block 127',
    });
    expect(chain.batches).toEqual([128]);
  });

  it('succeeds when stopped in its last batch', async () => {
    const chain = new UnwrappingChain(0);
    const controller = new AbortController();
    chain.beforeInsert = async () => controller.abort();
    expect((await restore(100, chain, { signal: controller.signal })).restored).toBe(99);
  });

  it.each([
    { head: 0, message: 'restore interrupted at block 0' },
    { head: -1, message: 'restore interrupted before its first block' },
  ])('does nothing when stopped before, with a head at $head', async ({ head, message }) => {
    const chain = new UnwrappingChain(head);
    await expect(restore(300, chain, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.CANCELLED',
      message,
    });
    expect(chain.batches).toEqual([]);
  });
});
