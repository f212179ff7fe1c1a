import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeChain, fakeBlock } from '../../../../test/support/fake-chain.js';
import {
  NETWORKS,
  type Network,
  readBackup,
  readFixture,
  readJsonl,
} from '../../../../test/support/fixtures.js';
import { readGenesisText } from '../../../../test/support/genesis-texts.js';
import { openChain } from '../../../../test/support/open-chain.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { concatBytes, fromHex, toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { ChainService } from '../chain/chain.service.js';
import { decodeBlock, encodeBlock } from '../codec/block.codec.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { Chain, ChainWriter } from '../ports/chain.port.js';
import { encodeList } from '../rlp/rlp.js';
import { archiveMetadata } from './archive-metadata.js';
import { restoreArchive } from './restore-archive.js';

const HEADS: Record<Network, string> = {
  'ibft-ecdsa': '0x3a2cb21ac04afc9b0b1cdd798aa0444b87868c1e25f14d4b3021590ebf25ca13',
  'ibft-bls': '0x01971728b09c9431d513e24325d64075304a5e33590e1fcb26006fda6b288dce',
  'ibft-poa-rounds': toHex(readBackup('ibft-poa-rounds').metadata.latestHash),
  'ibft-pos': toHex(readBackup('ibft-pos').metadata.latestHash),
  polybft: readJsonl<{ hash: string }>('polybft/blocks.jsonl').at(-1)?.hash ?? '',
};

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-archive-'));
});

afterAll(() => rm(folder, { recursive: true }));

const blocksOf = (network: Network) => readBackup(network).blocks;

function aChain(
  network: Network = 'ibft-ecdsa',
  options?: { withStateRoot?: boolean },
): Promise<ChainService> {
  return openChain(parseGenesis(readGenesisText(network, options)));
}

function anArchive(latest: number, blocks: readonly Uint8Array[], latestHash?: Uint8Array): Uint8Array {
  return concatBytes([archiveMetadata({ latest, latestHash: latestHash ?? new Uint8Array(32) }), ...blocks]);
}

/** Writes `bytes` to a file and restores it. */
async function restore(bytes: Uint8Array, chain: Chain & ChainWriter, signal = new AbortController().signal) {
  const path = join(folder, `${files++}.dat`);
  await writeFile(path, bytes);
  const log = new RecordingLogger();
  const result = await restoreArchive({ path, writer: chain, chain, log, signal });
  return { ...result, log };
}

describe(restoreArchive.name, () => {
  it.each(NETWORKS)('restores the recorded archive of %s, once', async (network) => {
    const chain = await aChain(network);
    const { metadata, blocks } = readBackup(network);
    const bytes = readFixture(`${network}/backup.dat`);
    const first = await restore(bytes, chain);
    expect(first.restored).toBe(blocks.length - 1);
    expect(first.head?.number).toBe(metadata.latest);
    expect(first.head && toHex(first.head.hash)).toBe(HEADS[network]);
    expect(first.log.messages('warn')).toEqual([]);
    const second = await restore(bytes, chain);
    expect(second.restored).toBe(0);
    expect(second.head).toEqual(first.head);
    expect(second.log.messages('info')).toEqual([expect.stringContaining('nothing to restore')]);
  });

  it('warns of metadata with a hash that is none of its latest block', async () => {
    const { log } = await restore(anArchive(9, blocksOf('ibft-ecdsa').slice(0, 10)), await aChain());
    expect(log.messages('warn')).toHaveLength(1);
  });

  it('takes genesis from the archive where the chain waits for one', async () => {
    const chain = await aChain('polybft', { withStateRoot: false });
    expect(chain.head()).toBeUndefined();
    const { restored, head } = await restore(readFixture('polybft/backup.dat'), chain);
    expect(restored).toBe(151);
    expect(head && toHex(head.hash)).toBe(HEADS.polybft);
  });

  it('does nothing when the chain holds the latest block, and looks at no block for that', async () => {
    const chain = await aChain();
    const blocks = blocksOf('ibft-ecdsa').slice(0, 10);
    await restore(anArchive(9, blocks), chain);
    const latestHash = await chain.hashByNumber(9);
    const { restored, log } = await restore(anArchive(9, [Uint8Array.of(1)], latestHash), chain);
    expect(restored).toBe(0);
    expect(log.messages('info')).toHaveLength(1);
  });

  it('goes on where the chain ends', async () => {
    const chain = await aChain();
    const blocks = blocksOf('ibft-ecdsa');
    expect((await restore(anArchive(4, blocks.slice(0, 5)), chain)).restored).toBe(4);
    const latestHash = fromHex(HEADS['ibft-ecdsa']);
    const { restored, head, log } = await restore(anArchive(260, blocks, latestHash), chain);
    expect(restored).toBe(256);
    expect(head?.number).toBe(260);
    expect(log.messages('warn')).toEqual([]);
  });

  it('restores blocks 5 to 9 upon a chain that has those before, and upon no other', async () => {
    const blocks = blocksOf('ibft-ecdsa');
    const part = anArchive(9, blocks.slice(5, 10));
    const empty = await aChain();
    await expect(restore(part, empty)).rejects.toMatchObject({ detail: { number: 5, expected: 1 } });
    expect(empty.head()?.number).toBe(0);
    await restore(anArchive(4, blocks.slice(0, 5)), empty);
    expect(await restore(part, empty)).toMatchObject({ restored: 5, head: { number: 9 } });
  });

  it('refuses the archive of another chain', async () => {
    const chain = await aChain('ibft-ecdsa');
    await expect(restore(readFixture('ibft-poa-rounds/backup.dat'), chain)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.GENESIS_MISMATCH',
    });
    expect(chain.head()?.number).toBe(0);
  });

  it('keeps what came before a bad block and names it', async () => {
    const chain = await aChain();
    const blocks = [...blocksOf('ibft-ecdsa')];
    const { header, transactions } = decodeBlock(blocks[200] ?? new Uint8Array());
    blocks[200] = encodeBlock({ header: { ...header, difficulty: 7n }, transactions });
    await expect(restore(anArchive(260, blocks), chain)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.BAD_HEADER',
      detail: { number: 200 },
    });
    expect(chain.head()?.number).toBe(199);
  });

  it('keeps the blocks before the place where the file is cut off', async () => {
    const whole = anArchive(20, blocksOf('ibft-ecdsa').slice(0, 21));
    const inside = anArchive(20, blocksOf('ibft-ecdsa').slice(0, 15)).length;
    for (const length of [inside + 1, inside + 3, inside + 300, whole.length - 1]) {
      const chain = await aChain();
      await expect(restore(whole.subarray(0, length), chain)).rejects.toMatchObject({
        code: 'BLOCKCHAIN.ARCHIVE_INVALID',
        detail: { offset: expect.any(Number) },
      });
      expect(chain.head()?.number).toBe(length === whole.length - 1 ? 19 : 14);
    }
    const torn = await restore(whole.subarray(0, inside + 3), await aChain()).catch((error) => error);
    expect(torn.detail).toMatchObject({ offset: inside, keptUpTo: 14 });
    expect(torn.message).toMatch(
      new RegExp(`^invalid archive at byte ${inside}: .*; the blocks up to 14 are kept$`),
    );
    const chain = await aChain();
    const { restored, log } = await restore(whole.subarray(0, inside), chain);
    expect(restored).toBe(14);
    expect(log.messages('warn')).toHaveLength(1);
  });

  it('stores nothing but the recorded chain from a file with flipped bits', async () => {
    const bytes = anArchive(3, blocksOf('ibft-ecdsa').slice(0, 4));
    const good = await aChain();
    await restore(bytes, good);
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 29) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      const chain = await aChain();
      const error = await restore(flipped, chain).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      if (error !== undefined) {
        refused += 1;
        expect(error).toBeInstanceOf(BlockchainError);
      }
      const head = chain.head();
      expect(head?.hash).toEqual(await good.hashByNumber(head?.number ?? 0));
    }
    expect(refused).toBeGreaterThan(40);
  });

  describe('on a chain of fakes', () => {
    /** An RLP list whose last nine bytes are a block of {@link FakeChain}. */
    const listOf = (number: number) => encodeList([fakeBlock(number)]);

    class UnwrappingChain extends FakeChain {
      override insert(raws: readonly Uint8Array[]) {
        return super.insert(raws.map((raw) => raw.slice(1)));
      }
    }

    const many = (count: number) => Array.from({ length: count }, (_, number) => listOf(number));

    it('stores in batches and tells how far it is', async () => {
      const chain = new UnwrappingChain(0);
      const { restored, log } = await restore(anArchive(8_999, many(9_000)), chain);
      expect(restored).toBe(8_999);
      expect(chain.batches).toEqual([...new Array(70).fill(128), 40]);
      expect(log.messages('info')).toHaveLength(1);
    });

    it('ends after the batch under way when stopped, which is no success', async () => {
      const chain = new UnwrappingChain(0);
      const controller = new AbortController();
      chain.beforeInsert = async () => controller.abort();
      await expect(restore(anArchive(299, many(300)), chain, controller.signal)).rejects.toMatchObject({
        code: 'BLOCKCHAIN.CANCELLED',
        message: 'restore interrupted at block 127',
      });
      expect(chain.batches).toEqual([128]);
    });

    it('succeeds when stopped in its last batch', async () => {
      const chain = new UnwrappingChain(0);
      const controller = new AbortController();
      chain.beforeInsert = async () => controller.abort();
      expect((await restore(anArchive(99, many(100)), chain, controller.signal)).restored).toBe(99);
    });

    it.each([
      { head: 0, message: 'restore interrupted at block 0' },
      { head: -1, message: 'restore interrupted before its first block' },
    ])('does nothing when stopped before, with a head at $head', async ({ head, message }) => {
      const chain = new UnwrappingChain(head);
      const stopped = restore(anArchive(299, many(300)), chain, AbortSignal.abort());
      await expect(stopped).rejects.toMatchObject({ code: 'BLOCKCHAIN.CANCELLED', message });
      expect(chain.batches).toEqual([]);
    });
  });

  it('refuses an empty file', async () => {
    await expect(restore(new Uint8Array(), new FakeChain(0))).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ARCHIVE_INVALID',
      detail: { offset: 0 },
    });
  });
});
