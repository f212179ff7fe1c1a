import { rm } from 'node:fs/promises';
import { fromHex } from '../../common/bytes.js';
import type { ServerStatus } from '../../gen/v1/system_pb.js';
import {
  type ArchiveDraft,
  ArchiveWriter,
  decodeBlock,
  isSameBlock,
  openDraft,
  splitBlocks,
} from '../../modules/blockchain/index.js';
import type { OperatorClient } from '../operator-client.js';
import { type BackupFile, type BackupRange, type BackupSpan, headOf } from './backup-file.js';

/** A backup in our own format (docs/archive.md). What there is of it stays when anything fails, and can be gone on with. */
export class ChunkedBackupFile implements BackupFile {
  readonly #draft: ArchiveDraft;
  readonly #resume: boolean;
  #writer: ArchiveWriter | undefined;
  #hash: Uint8Array | undefined;

  private constructor(draft: ArchiveDraft, resume: boolean) {
    this.#draft = draft;
    this.#resume = resume;
  }

  /** A new file, or with `resume` one that may be there; that is verified as it is opened. */
  static async open(path: string, { resume }: { resume: boolean }): Promise<ChunkedBackupFile> {
    return new ChunkedBackupFile(await openDraft(path, { resume }), resume);
  }

  async begin(client: OperatorClient, range: BackupRange): Promise<BackupSpan> {
    const { found } = this.#draft;
    const status = await client.getStatus({});
    const end = await endOf(client, status, range.to);
    const from = range.from ?? BigInt(found?.header.from ?? 0);
    if (from > end.number) throw new Error(`the backup would begin at ${from} and end at ${end.number}`);
    const genesisHash = await genesisHashOf(client, status);
    const header = { chainId: Number(status.network), genesisHash, from: Number(from) };
    const writer = new ArchiveWriter(this.#draft, header);
    const next = BigInt(writer.next);
    if (next > end.number + 1n)
      throw new Error(`the file holds blocks up to ${next - 1n}, above ${end.number}`);
    if (found?.lastBlock !== undefined) await checkSameChain(client, next - 1n, found.lastBlock);
    this.#writer = writer;
    this.#hash = end.hash;
    return { from, next, end: end.number, hash: end.hash };
  }

  async write(data: Uint8Array): Promise<void> {
    await this.#writer?.append(splitBlocks(data));
  }

  async finish(): Promise<void> {
    if (this.#hash !== undefined) await this.#writer?.finish(this.#hash);
    await this.#draft.file.close();
  }

  async giveUp(): Promise<string | undefined> {
    const { file, path } = this.#draft;
    await file.close();
    const heldUpTo = this.#writer?.heldUpTo;
    if (heldUpTo !== undefined) return `the file holds the blocks up to ${heldUpTo}; go on with --resume`;
    if (this.#resume) return 'the file is as it was';
    await rm(path, { force: true });
    return undefined;
  }
}

/** The last block and its true hash, which the block behind it knows. */
async function endOf(
  client: OperatorClient,
  status: ServerStatus,
  to: bigint | undefined,
): Promise<{ number: bigint; hash: Uint8Array }> {
  const head = headOf(status);
  if (to === undefined || to >= head.number) return head;
  const { data } = await client.blockByNumber({ number: to + 1n });
  return { number: to, hash: decodeBlock(data).header.parentHash };
}

/** The Go client's status does not tell it. */
async function genesisHashOf(client: OperatorClient, status: ServerStatus): Promise<Uint8Array> {
  const told = fromHex(status.genesis);
  if (told?.length === 32) return told;
  const head = headOf(status);
  if (head.number === 0n) return head.hash;
  const { data } = await client.blockByNumber({ number: 1n });
  return decodeBlock(data).header.parentHash;
}

async function checkSameChain(client: OperatorClient, number: bigint, last: Uint8Array): Promise<void> {
  const { data } = await client.blockByNumber({ number });
  if (!isSameBlock(data, last)) throw new Error(`the node has another block ${number} than the file`);
}
