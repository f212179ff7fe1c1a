import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Tables } from '../../src/modules/blockchain/adapters/durable/tables.js';
import { BlockchainError } from '../../src/modules/blockchain/blockchain.errors.js';

const run = promisify(execFile);
const DISK_BYTES = 64 * 1_024 * 1_024;

/** A disk that can be filled up: a file system of its own where mounting is allowed, else one whose writes are made to fail. */
export class SmallDisk {
  private isFull = false;

  private constructor(
    readonly path: string,
    private readonly isMounted: boolean,
  ) {}

  static async mount(): Promise<SmallDisk> {
    const path = await mkdtemp(join(tmpdir(), 'edgekeeper-disk-'));
    const mounted = run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', path]);
    return new SmallDisk(path, await mounted.then(() => true).catch(() => false));
  }

  /** Leaves no more than this. */
  async fill(freeBytes = 0): Promise<void> {
    this.isFull = true;
    if (!this.isMounted) return;
    const file = await open(this.filler, 'a');
    try {
      for (const bytes of [1_024 * 1_024, 4_096]) {
        while (await wasWritten(() => file.write(Buffer.alloc(bytes)))) {}
      }
      await file.truncate((await file.stat()).size - freeBytes);
    } finally {
      await file.close();
    }
  }

  async free(): Promise<void> {
    this.isFull = false;
    await rm(this.filler, { force: true });
  }

  /** The tables, which cannot be written to either while the disk is full. */
  guard(tables: Tables): Tables {
    return new Proxy(tables, {
      get: (target, name) => {
        if (name === 'commit' && this.isFull && !this.isMounted) return refuse;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  async unmount(): Promise<void> {
    if (this.isMounted) await run('umount', [this.path]);
    await rm(this.path, { recursive: true });
  }

  private get filler(): string {
    return join(this.path, 'filler');
  }
}

async function refuse(): Promise<void> {
  throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FULL', reason: 'No space left on device' });
}

async function wasWritten(write: () => Promise<{ bytesWritten: number }>): Promise<boolean> {
  try {
    return (await write()).bytesWritten > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
