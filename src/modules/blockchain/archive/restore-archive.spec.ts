import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  NETWORKS,
  type Network,
  readBackup,
  readFixture,
  readJsonl,
} from '../../../../test/support/fixtures.js';
import { readGenesisText } from '../../../../test/support/genesis-texts.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { openChain } from '../../../../test/support/open-chain.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { concatBytes, fromHex, toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock, encodeBlock, rawHeaderOf } from '../codec/block.codec.js';
import { keccak256 } from '../crypto/keccak.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { Chain, ChainWriter } from '../ports/chain.port.js';
import { archiveMetadata } from './archive-metadata.js';
import { restoreArchive } from './restore-archive.js';

const HEADS: Record<Network, string> = {
  'ibft-ecdsa': '0x3a2cb21ac04afc9b0b1cdd798aa0444b87868c1e25f14d4b3021590ebf25ca13',
  'ibft-bls': '0x01971728b09c9431d513e24325d64075304a5e33590e1fcb26006fda6b288dce',
  'ibft-poa-rounds': toHex(readBackup('ibft-poa-rounds').metadata.latestHash),
  'ibft-pos': toHex(readBackup('ibft-pos').metadata.latestHash),
  'ibft-switch': toHex(readBackup('ibft-switch').metadata.latestHash),
  'ibft-pos-change': toHex(readBackup('ibft-pos-change').metadata.latestHash),
  polybft: readJsonl<{ hash: string }>('polybft/blocks.jsonl').at(-1)?.hash ?? '',
};

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-archive-'));
});

afterAll(() => rm(folder, { recursive: true }));

const genesis = () => blocksOf('ibft-ecdsa')[0] ?? new Uint8Array();
const blocksOf = (network: Network) => readBackup(network).blocks;

const aChain = (network: Network = 'ibft-ecdsa', options?: { withStateRoot?: boolean }) =>
  openChain(parseGenesis(readGenesisText(network, options)));

function anArchive(latest: number, blocks: readonly Uint8Array[], latestHash?: Uint8Array): Uint8Array {
  return concatBytes([archiveMetadata({ latest, latestHash: latestHash ?? new Uint8Array(32) }), ...blocks]);
}

/** Writes `bytes` to a file and restores it. */
async function restore(bytes: Uint8Array, chain: Chain & ChainWriter) {
  const path = join(folder, `${files++}.dat`);
  await writeFile(path, bytes);
  const log = new RecordingLogger();
  const { signal } = new AbortController();
  const result = await restoreArchive({ path, writer: chain, chain, log, clock: new ManualClock(), signal });
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
    const { log, head, wrongMetadata } = await restore(
      anArchive(9, blocksOf('ibft-ecdsa').slice(0, 10)),
      await aChain(),
    );
    expect(log.messages('warn')).toHaveLength(1);
    expect(wrongMetadata).toEqual({
      claimed: { number: 9, hash: new Uint8Array(32) },
      found: { number: 9, hash: head?.hash },
    });
  });

  it('restores all of an archive that `backup --to 0` of the Go client named after block 0', async () => {
    const chain = await aChain();
    for (const latestHash of [await chain.hashByNumber(0), keccak256(rawHeaderOf(genesis()))]) {
      const restoring = await restore(
        anArchive(0, blocksOf('ibft-ecdsa').slice(0, 10), latestHash),
        await aChain(),
      );
      expect(restoring).toMatchObject({ restored: 9, wrongMetadata: { claimed: { number: 0 } } });
      expect(restoring.log.lines.find(({ level }) => level === 'warn')?.fields).toMatchObject({
        height: 9,
        metadataHeight: 0,
      });
    }
  });

  it('refuses an archive without blocks, and an empty file', async () => {
    for (const bytes of [anArchive(0, []), anArchive(9, [])]) {
      await expect(restore(bytes, await aChain())).rejects.toMatchObject({
        code: 'BLOCKCHAIN.ARCHIVE_INVALID',
        detail: { keptUpTo: 0 },
      });
    }
    await expect(restore(new Uint8Array(), await aChain())).rejects.toMatchObject({
      code: 'BLOCKCHAIN.ARCHIVE_INVALID',
      detail: { offset: 0 },
    });
  });

  it('notices blocks that are missing in the middle, also where the chain has them', async () => {
    const blocks = blocksOf('ibft-ecdsa');
    const chain = await aChain();
    await restore(anArchive(9, blocks.slice(0, 10)), chain);
    const gap = anArchive(10, [...blocks.slice(0, 4), ...blocks.slice(5, 11)]);
    await expect(restore(gap, chain)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.BAD_SEQUENCE',
      detail: { number: 5, expected: 4 },
    });
  });

  it('names the block that is no block', async () => {
    const blocks = blocksOf('ibft-ecdsa').slice(0, 3);
    const chain = await aChain();
    await expect(restore(anArchive(3, [...blocks, Uint8Array.of(0xc0)]), chain)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.UNDECODABLE',
      detail: { number: 3 },
    });
    expect(chain.head()?.number).toBe(2);
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
    await expect(restore(part, empty)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_GAP',
      detail: { number: 5, expected: 1 },
    });
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
    const between = await restore(whole.subarray(0, inside), await aChain()).catch((error) => error);
    expect(between.detail).toMatchObject({
      code: 'BLOCKCHAIN.ARCHIVE_INVALID',
      offset: inside,
      keptUpTo: 14,
    });
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
});
