import { toHex } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import type { BlockStore, RangeLimits, StoreHead } from '../../ports/block-store.port.js';
import type { BlockRef, VerifiedBlock } from '../../ports/types.js';
import { assertRewindable, followHead } from '../follow-head.js';

interface StoredBlock {
  readonly head: StoreHead;
  readonly raw: Uint8Array;
  readonly rawHeader: Uint8Array;
}

/** Keeps the chain in memory: for tests, and for nodes that need not remember. Nothing survives `close`. */
export class InMemoryBlockStore implements BlockStore {
  private blocks: StoredBlock[] = [];
  private readonly numbers = new Map<string, number>();
  private closed = false;

  async head(): Promise<StoreHead | undefined> {
    const head = this.open().at(-1)?.head;
    return head && { ...head, hash: head.hash.slice() };
  }

  async append(blocks: readonly VerifiedBlock[]): Promise<void> {
    const stored = this.open();
    for (const { head, block } of followHead(stored.at(-1)?.head, blocks)) {
      stored.push({ head, raw: block.raw.slice(), rawHeader: block.rawHeader.slice() });
      this.numbers.set(toHex(head.hash), head.number);
    }
  }

  async rewind(number: number): Promise<readonly BlockRef[]> {
    const stored = this.open();
    assertRewindable(stored.at(-1)?.head, number);
    const removed = stored.splice(number + 1).reverse();
    return removed.map(({ head: { number, hash } }) => {
      this.numbers.delete(toHex(hash));
      return { number, hash };
    });
  }

  async hashByNumber(number: number): Promise<Uint8Array | undefined> {
    return this.open()[number]?.head.hash.slice();
  }

  async numberByHash(hash: Uint8Array): Promise<number | undefined> {
    this.open();
    return this.numbers.get(toHex(hash));
  }

  async rawHeader(number: number): Promise<Uint8Array | undefined> {
    return this.open()[number]?.rawHeader.slice();
  }

  async rawBlock(number: number): Promise<Uint8Array | undefined> {
    return this.open()[number]?.raw.slice();
  }

  async rawBlocks(from: number, { maxCount, maxBytes }: RangeLimits): Promise<readonly Uint8Array[]> {
    const stored = this.open();
    const found: Uint8Array[] = [];
    let bytes = 0;
    for (let number = from; found.length < maxCount; number++) {
      const raw = stored[number]?.raw;
      if (raw === undefined) break;
      bytes += raw.length;
      if (found.length > 0 && bytes > maxBytes) break;
      found.push(raw.slice());
    }
    return found;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.blocks = [];
    this.numbers.clear();
  }

  private open(): StoredBlock[] {
    if (this.closed) throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' });
    return this.blocks;
  }
}
