import { type FileHandle, open, rm } from 'node:fs/promises';
import { osErrorText } from '../../common/os-error.js';
import { archiveMetadata, keccak256, rawHeaderOf } from '../../modules/blockchain/index.js';
import type { OperatorClient } from '../operator-client.js';
import { type BackupFile, type BackupRange, type BackupSpan, headOf } from './backup-file.js';

const FILE_MODE = 0o644;

/** A backup in the Go client's format, byte for byte. Cannot be gone on with, so that it is removed when anything fails. */
export class EdgeBackupFile implements BackupFile {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** The file must not exist. */
  static async create(path: string): Promise<EdgeBackupFile> {
    const file = await open(path, 'wx', FILE_MODE).catch((error: unknown) => {
      throw new Error(`open ${path}: ${osErrorText(error)}`);
    });
    return new EdgeBackupFile(path, file);
  }

  async begin(client: OperatorClient, { from = 0n, to }: BackupRange): Promise<BackupSpan> {
    const { number, hash } = await endOf(client, to);
    await this.#file.writeFile(archiveMetadata({ latest: Number(number), latestHash: hash }));
    return { from, next: from, end: number, hash };
  }

  async write(data: Uint8Array): Promise<void> {
    await this.#file.writeFile(data);
  }

  async finish(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }

  async giveUp(): Promise<undefined> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

/**
 * Where the archive ends, and the hash that goes into its metadata.
 * The hash is only right at the head: for an earlier block it is the keccak of all 16 header items, as Go writes it,
 * which no consensus of these chains uses.
 */
async function endOf(
  client: OperatorClient,
  to: bigint | undefined,
): Promise<{ number: bigint; hash: Uint8Array }> {
  const status = await client.getStatus({});
  if (to === undefined || to >= (status.current?.number ?? 0n)) return headOf(status);
  const { data } = await client.blockByNumber({ number: to });
  return { number: to, hash: keccak256(rawHeaderOf(data)) };
}
