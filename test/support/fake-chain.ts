import { BehaviorSubject, filter, Subject } from 'rxjs';
import {
  BlockchainError,
  type BlockRef,
  type Chain,
  type ChainEvent,
  type ChainHead,
  type ChainInfo,
  type ChainWriter,
  type InsertResult,
} from '../../src/modules/blockchain/index.js';

/** Nine bytes that stand for a block: its number and whether it is good. */
export function fakeBlock(number: number, { bad = false } = {}): Uint8Array {
  const raw = new Uint8Array(9);
  new DataView(raw.buffer).setBigUint64(0, BigInt(number));
  raw[8] = bad ? 1 : 0;
  return raw;
}

export function* fakeBlocks(from: number, to: number): Generator<Uint8Array> {
  for (let number = from; number <= to; number++) yield fakeBlock(number);
}

/** A chain of fake blocks, in memory, that keeps the promises of CHAIN and CHAIN_WRITER. */
export class FakeChain implements Chain, ChainWriter {
  private readonly blocks: Uint8Array[] = [];
  private readonly headSubject = new BehaviorSubject<ChainHead | undefined>(undefined);
  private readonly eventsSubject = new Subject<ChainEvent>();
  readonly head$ = this.headSubject.pipe(filter((head) => head !== undefined));
  readonly events$ = this.eventsSubject.asObservable();
  /** Sizes of the batches that were inserted. */
  readonly batches: number[] = [];
  /** Awaited before each insert. */
  beforeInsert: () => Promise<void> = async () => {};

  /** @param height Height of the chain at the beginning; -1 for a chain without genesis. */
  constructor(height: number) {
    this.blocks.push(...fakeBlocks(0, height));
    if (height >= 0) this.headSubject.next(refOf(height));
  }

  info(): ChainInfo {
    throw new Error('not needed');
  }

  head(): ChainHead | undefined {
    return this.headSubject.value;
  }

  async header(): Promise<undefined> {}
  async numberByHash(): Promise<undefined> {}

  async hashByNumber(number: number): Promise<Uint8Array | undefined> {
    return this.blocks[number];
  }

  async rawBlock(number: number): Promise<Uint8Array | undefined> {
    return this.blocks[number];
  }

  async rawBlocks(from: number, { maxCount }: { maxCount: number }): Promise<readonly Uint8Array[]> {
    return this.blocks.slice(from, from + maxCount);
  }

  async insert(rawBlocks: readonly Uint8Array[]): Promise<InsertResult> {
    await this.beforeInsert();
    this.batches.push(rawBlocks.length);
    const inserted: BlockRef[] = [];
    try {
      for (const raw of rawBlocks) {
        const number = this.verified(raw);
        if (number === undefined) continue;
        this.blocks.push(raw);
        inserted.push(refOf(number));
      }
    } finally {
      if (inserted.length > 0) this.moved(inserted);
    }
    return { inserted, head: refOf(this.blocks.length - 1) };
  }

  /** A head that did not come by sync. */
  async seal(): Promise<void> {
    await this.insert([fakeBlock(this.blocks.length)]);
  }

  private moved(added: readonly BlockRef[]): void {
    this.headSubject.next(refOf(this.blocks.length - 1));
    this.eventsSubject.next({ type: 'head:changed', added, removed: [], source: 'sync', atMs: 0 });
  }

  /** The block's number; undefined when it is known already. */
  private verified(raw: Uint8Array): number | undefined {
    if (raw.length !== 9) throw new BlockchainError({ code: 'BLOCKCHAIN.UNDECODABLE', reason: 'length' });
    const number = Number(new DataView(raw.buffer, raw.byteOffset).getBigUint64(0));
    const expected = this.blocks.length;
    if (number < expected) return undefined;
    if (number > expected) throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEQUENCE', number, expected });
    if (raw[8] === 1) throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEAL', number, reason: 'quorum' });
    return number;
  }
}

const refOf = (number: number): ChainHead => ({ number, hash: fakeBlock(number), timestamp: BigInt(number) });
