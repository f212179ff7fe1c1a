import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeChunked } from '../../../../test/support/archives.js';
import { type Network, readBackup } from '../../../../test/support/fixtures.js';
import { readGenesisText } from '../../../../test/support/genesis-texts.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { openChain } from '../../../../test/support/open-chain.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { fromHex } from '../../../common/bytes.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { Chain, ChainWriter } from '../ports/chain.port.js';
import type { ArchiveHeader } from './chunk-layout.js';
import { restoreArchive } from './restore-archive.js';

const { blocks } = readBackup('ibft-ecdsa');
const latestHash = fromHex('0x3a2cb21ac04afc9b0b1cdd798aa0444b87868c1e25f14d4b3021590ebf25ca13');

let folder: string;
let files = 0;
let header: ArchiveHeader;
let whole: Uint8Array;

const newPath = () => join(folder, `${files++}.eka`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgekeeper-archive-'));
  header = await headerOf('ibft-ecdsa');
  whole = await writeChunked(newPath(), blocks, { header, latestHash });
});

afterAll(() => rm(folder, { recursive: true }));

const aChain = (network: Network = 'ibft-ecdsa', options?: { withStateRoot?: boolean }) =>
  openChain(parseGenesis(readGenesisText(network, options)));

async function headerOf(network: Network): Promise<ArchiveHeader> {
  const { chainId, genesisHash = new Uint8Array(32) } = (await aChain(network)).info();
  return { chainId, genesisHash, from: 0 };
}

async function restore(bytes: Uint8Array, chain: Chain & ChainWriter) {
  const path = newPath();
  await writeFile(path, bytes);
  const log = new RecordingLogger();
  const { signal } = new AbortController();
  const result = await restoreArchive({ path, writer: chain, chain, log, clock: new ManualClock(), signal });
  return { ...result, log };
}

describe('an archive of our format', () => {
  it('is restored, once', async () => {
    const chain = await aChain();
    const first = await restore(whole, chain);
    expect(first.restored).toBe(blocks.length - 1);
    expect(first.head?.hash).toEqual(latestHash);
    expect(first.wrongMetadata).toBeUndefined();
    const second = await restore(whole, chain);
    expect(second.restored).toBe(0);
    expect(second.log.messages('info')).toEqual([expect.stringContaining('nothing to restore')]);
  });

  it('gives genesis to a chain that waits for it', async () => {
    const recorded = readBackup('polybft');
    const bytes = await writeChunked(newPath(), recorded.blocks, {
      header: await headerOf('polybft'),
      latestHash: recorded.metadata.latestHash,
    });
    const { restored } = await restore(bytes, await aChain('polybft', { withStateRoot: false }));
    expect(restored).toBe(151);
  });

  it('is restored up to its last whole chunk when it is cut off or altered', async () => {
    const altered = whole.slice();
    altered[altered.length - 200] = 0xff;
    for (const bytes of [whole.subarray(0, -1), whole.subarray(0, -2_000), altered]) {
      const chain = await aChain();
      const error = await restore(bytes, chain).catch((cause) => cause);
      const keptUpTo = chain.head()?.number;
      expect(error.detail).toMatchObject({ code: 'BLOCKCHAIN.ARCHIVE_INVALID', keptUpTo });
      expect([255, blocks.length - 1]).toContain(keptUpTo);
    }
  });

  it('is refused when it is of another chain', async () => {
    const other = await aChain('ibft-bls');
    await expect(restore(whole, other)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
    const elsewhere = { ...header, genesisHash: new Uint8Array(32) };
    const bytes = await writeChunked(newPath(), blocks, {
      header: elsewhere,
      latestHash,
    });
    await expect(restore(bytes, await aChain())).rejects.toMatchObject({
      code: 'BLOCKCHAIN.GENESIS_MISMATCH',
    });
  });

  it('goes on where the chain ends, and nowhere else', async () => {
    const chain = await aChain();
    const part = await writeChunked(newPath(), blocks.slice(100), {
      header: { ...header, from: 100 },
      latestHash,
    });
    await expect(restore(part, chain)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_GAP',
      detail: { number: 100, expected: 1 },
    });
    await chain.insert(blocks.slice(0, 120), { source: 'restore' });
    expect((await restore(part, chain)).restored).toBe(blocks.length - 120);
  });

  it('with the hash of another last block is restored, and reported', async () => {
    const other = new Uint8Array(32);
    const bytes = await writeChunked(newPath(), blocks, { header, latestHash: other });
    const { wrongMetadata, log } = await restore(bytes, await aChain());
    expect(wrongMetadata?.claimed.hash).toEqual(other);
    expect(log.messages('warn')).toHaveLength(1);
  });
});
