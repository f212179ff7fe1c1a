import { setImmediate as nextTurn } from 'node:timers/promises';
import { toHex } from '../../../common/bytes.js';
import { type Chain, transactionHash } from '../../blockchain/index.js';
import type { ChainForms } from '../objects/block.mapper.js';
import type { BlockReader } from './block-reader.js';

/** Some 10 MB of memory; beyond it older blocks are not looked into. */
const MAX_TRANSACTIONS = 100_000;
const BLOCKS_PER_TURN = 16;
/** Readings of what changes while it is read; the next who asks begins anew. */
const MAX_TRIES = 4;

interface IndexedBlock {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly transactions: readonly string[];
}

interface Place {
  readonly number: number;
  readonly index: number;
}

export interface RecentTransactionsOptions {
  readonly chain: Chain;
  readonly reader: BlockReader;
  readonly forms: ChainForms;
  readonly maxBlocks: number;
  readonly maxTransactions?: number;
}

/**
 * Where the transactions of the newest blocks stand. Nothing is done until somebody asks; then what came since the last
 * question is read. Kept in memory: an index on disk would be written for each transaction of a sync that nobody asks for.
 */
export class RecentTransactions {
  /** Consecutive, oldest first. */
  private blocks: IndexedBlock[] = [];
  private readonly places = new Map<string, Place>();
  private catchingUp: Promise<void> | undefined;

  constructor(private readonly options: RecentTransactionsOptions) {}

  /** The number of its block and its place there. */
  async find(hash: Uint8Array): Promise<Place | undefined> {
    await this.catchUp();
    return this.places.get(keyOf(hash));
  }

  /** Those who ask at the same time wait for one reading. */
  private catchUp(): Promise<void> {
    this.catchingUp ??= this.readNew().finally(() => {
      this.catchingUp = undefined;
    });
    return this.catchingUp;
  }

  private async readNew(tries = MAX_TRIES): Promise<void> {
    const { chain, maxBlocks } = this.options;
    const head = chain.head();
    if (head === undefined) return;
    await this.dropReplaced();
    const lowest = Math.max(chain.info().tail, head.number - maxBlocks + 1);
    this.dropBelow(lowest);
    const known = this.blocks.at(-1)?.number ?? -1;
    const fresh = await this.readDown(head.number, Math.max(lowest, known + 1));
    // What was too much to be read ends what is known below it.
    if (fresh[0] !== undefined && fresh[0].number > known + 1) this.dropBelow(Number.POSITIVE_INFINITY);
    // Replaced while it was read: what is of the chain no more is dropped, and the rest read again.
    if (!isLinked([...this.blocks.slice(-1), ...fresh]))
      return tries > 1 ? this.readNew(tries - 1) : undefined;
    for (const block of fresh) this.add(block);
    while (this.places.size > this.maxTransactions && this.blocks.length > 1) {
      this.dropBelow((this.blocks[0]?.number ?? 0) + 1);
    }
  }

  /** From the newest down, so that the newest are known where not all can be; gives them oldest first. */
  private async readDown(from: number, to: number): Promise<IndexedBlock[]> {
    const { reader, forms } = this.options;
    const read: IndexedBlock[] = [];
    let count = 0;
    for (let number = from; number >= to && count < this.maxTransactions; number--) {
      const found = await reader.byNumber(number);
      if (found === undefined) break;
      const rules = { hashWithType: forms.hashWithType(number) };
      const transactions = found.block.transactions.map((raw) => keyOf(transactionHash(raw, rules)));
      count += transactions.length;
      const parentHash = toHex(found.block.header.parentHash);
      read.push({ number, hash: found.hash, parentHash, transactions });
      if (read.length % BLOCKS_PER_TURN === 0) await nextTurn();
    }
    return read.reverse();
  }

  private async dropReplaced(): Promise<void> {
    for (let last = this.blocks.at(-1); last !== undefined; last = this.blocks.at(-1)) {
      const hash = await this.options.chain.hashByNumber(last.number);
      if (hash !== undefined && toHex(hash) === last.hash) return;
      this.blocks.pop();
      this.forget(last);
    }
  }

  private dropBelow(number: number): void {
    const keptFrom = this.blocks.findIndex((block) => block.number >= number);
    const dropped = this.blocks.splice(0, keptFrom === -1 ? this.blocks.length : keptFrom);
    for (const block of dropped) this.forget(block);
  }

  private add(block: IndexedBlock): void {
    this.blocks.push(block);
    for (const [index, key] of block.transactions.entries())
      this.places.set(key, { number: block.number, index });
  }

  private forget({ number, transactions }: IndexedBlock): void {
    for (const key of transactions) if (this.places.get(key)?.number === number) this.places.delete(key);
  }

  private get maxTransactions(): number {
    return this.options.maxTransactions ?? MAX_TRANSACTIONS;
  }
}

/** Oldest first. */
const isLinked = (blocks: readonly IndexedBlock[]): boolean =>
  blocks.every((block, at) => at === 0 || block.parentHash === blocks[at - 1]?.hash);

/** A text of one character per byte: half of what hex takes. */
const keyOf = (hash: Uint8Array): string => Buffer.from(hash).toString('latin1');
