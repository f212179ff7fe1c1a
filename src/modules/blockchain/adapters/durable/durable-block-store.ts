import { errorFields } from '../../../../common/app-error.js';
import type { Logger } from '../../../../common/logger.port.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { rawHeaderOf } from '../../codec/block.codec.js';
import type {
  BlockStore,
  PruneResult,
  RangeLimits,
  RemovedBlock,
  StateRecord,
  StoreHead,
} from '../../ports/block-store.port.js';
import type { BlockRef, VerifiedBlock } from '../../ports/types.js';
import { append, keepAside, putStates, replace, rewind, startAt } from './chain-changes.js';
import { indexAt, numberByHash, rawBlocks, removedBlock, stateAt } from './chain-reader.js';
import { prune } from './chain-removals.js';
import { openSchema } from './schema.js';
import type { Changed, Extent } from './stored-extent.js';
import type { Tables } from './tables.js';

/**
 * The store in tables on disk, whichever database keeps them. Writes go one after another; one has ended once it is on
 * disk. Reads go on meanwhile, but for those that find blocks being moved: they wait for the end of it.
 *
 * Stores of schema 1 (LMDB's first) are brought up to date in place when opened. They have no states; whoever needs them
 * verifies the chain again and hands them in with `putStates`.
 */
export class DurableBlockStore implements BlockStore {
  private lastWrite: Promise<unknown> = Promise.resolve();
  private moving: Promise<unknown> | undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly tables: Tables,
    private extent: Extent,
  ) {}

  /**
   * Takes the tables over: they are closed when the store cannot be opened.
   * @param mayBeNew Whether tables without a schema version may be those of a new store.
   * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT | BLOCKCHAIN.STORE_FAILED
   */
  static async open(tables: Tables, mayBeNew: boolean, log: Logger): Promise<BlockStore> {
    try {
      return new DurableBlockStore(tables, await openSchema(tables, mayBeNew, log));
    } catch (error) {
      try {
        await tables.close();
      } catch (cause) {
        log.debug('the block store could not be closed either', errorFields(cause));
      }
      throw error;
    }
  }

  head(): Promise<StoreHead | undefined> {
    return this.read(() => this.extent.head && { ...this.extent.head, hash: this.extent.head.hash.slice() });
  }

  tail(): Promise<number> {
    return this.read(() => this.extent.tail);
  }

  append(blocks: readonly VerifiedBlock[]): Promise<void> {
    return this.write(() => append(this.tables, this.extent, blocks));
  }

  startAt(block: VerifiedBlock): Promise<void> {
    return this.write(() => startAt(this.tables, this.extent, block));
  }

  rewind(number: number): Promise<readonly BlockRef[]> {
    return this.move(() => rewind(this.tables, this.extent, number));
  }

  replace(blocks: readonly VerifiedBlock[]): Promise<readonly BlockRef[]> {
    return this.move(() => replace(this.tables, this.extent, blocks));
  }

  stateAt(number: number): Promise<StateRecord | undefined> {
    return this.read(() => stateAt(this.tables, this.extent, number));
  }

  putStates(records: readonly StateRecord[]): Promise<void> {
    return this.write(() => putStates(this.tables, this.extent, records));
  }

  hashByNumber(number: number): Promise<Uint8Array | undefined> {
    return this.read(() => indexAt(this.tables, this.extent, number)?.hash);
  }

  numberByHash(hash: Uint8Array): Promise<number | undefined> {
    return this.read(() => numberByHash(this.tables, this.extent, hash));
  }

  totalDifficultyAt(number: number): Promise<bigint | undefined> {
    return this.read(() => indexAt(this.tables, this.extent, number)?.totalDifficulty);
  }

  async rawHeader(number: number): Promise<Uint8Array | undefined> {
    const raw = await this.rawBlock(number);
    return raw && rawHeaderOf(raw).slice();
  }

  async rawBlock(number: number): Promise<Uint8Array | undefined> {
    const [raw] = await this.rawBlocks(number, { maxCount: 1, maxBytes: 0 });
    return raw;
  }

  rawBlocks(from: number, limits: RangeLimits): Promise<readonly Uint8Array[]> {
    return this.read(() => rawBlocks(this.tables, this.extent, from, limits));
  }

  removedBlock(hash: Uint8Array): Promise<RemovedBlock | undefined> {
    return this.read(() => removedBlock(this.tables, this.extent, hash));
  }

  keepAside(block: VerifiedBlock): Promise<void> {
    return this.write(() => keepAside(this.tables, this.extent, block));
  }

  prune(number: number, { maxCount }: { readonly maxCount: number }): Promise<PruneResult> {
    return this.move(() => prune(this.tables, this.extent, number, maxCount));
  }

  bodyBytes(): Promise<number> {
    return this.read(() => this.extent.bodyBytes);
  }

  close(): Promise<void> {
    this.closing ??= this.lastWrite.then(() => this.tables.close());
    return this.closing;
  }

  private async read<T>(action: () => T | Promise<T>): Promise<T> {
    this.assertOpen();
    while (this.moving !== undefined) {
      await this.moving;
      this.assertOpen();
    }
    return action();
  }

  /** A write that takes blocks away which a reader may be about to ask for. */
  private move<T>(change: () => Promise<Changed<T>>): Promise<T> {
    return this.enqueue(() => this.whileMoving(() => this.carryOut(change)));
  }

  private write<T>(change: () => Promise<Changed<T>>): Promise<T> {
    return this.enqueue(() => this.carryOut(change));
  }

  private async enqueue<T>(write: () => Promise<T>): Promise<T> {
    this.assertOpen();
    const written = this.lastWrite.then(async () => {
      if (this.tables.isBroken) await this.whileMoving(() => this.tables.recover());
      return write();
    });
    // Only the order of the queue: the failure is the caller's.
    this.lastWrite = written.catch(() => undefined);
    return written;
  }

  private async carryOut<T>(change: () => Promise<Changed<T>>): Promise<T> {
    const { extent, result } = await change();
    this.extent = extent;
    return result;
  }

  private async whileMoving<T>(action: () => Promise<T>): Promise<T> {
    const done = action();
    this.moving = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.moving = undefined;
    }
  }

  private assertOpen(): void {
    if (this.closing !== undefined) throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' });
  }
}
