import { toHex } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import {
  type BlockStore,
  type PruneResult,
  type RangeLimits,
  REMOVED_HEIGHTS,
  type RemovedBlock,
  type StateRecord,
  type StoreHead,
} from '../../ports/block-store.port.js';
import type { BlockRef, VerifiedBlock } from '../../ports/types.js';
import {
  type Appended,
  assertRewindable,
  assertStartable,
  followHead,
  followParent,
  gap,
  pruneEnd,
} from '../follow-head.js';

interface StoredBlock {
  readonly head: StoreHead;
  readonly raw: Uint8Array;
  readonly rawHeader: Uint8Array;
}

/** Keeps the chain in memory: for tests, and for nodes that need not remember. Nothing survives `close`. */
export class InMemoryBlockStore implements BlockStore {
  private readonly blocks = new Map<number, StoredBlock>();
  private readonly numbers = new Map<string, number>();
  private readonly states = new Map<number, Uint8Array>();
  private readonly removed = new Map<string, RemovedBlock>();
  private newest: StoreHead | undefined;
  private oldest = 0;
  /** Heights of states are known from here on, and 0. */
  private statesFrom = 0;
  private bytes = 0;
  private closed = false;

  async head(): Promise<StoreHead | undefined> {
    this.assertOpen();
    return this.newest && { ...this.newest, hash: this.newest.hash.slice() };
  }

  async tail(): Promise<number> {
    this.assertOpen();
    return this.oldest;
  }

  async append(blocks: readonly VerifiedBlock[]): Promise<void> {
    this.assertOpen();
    for (const each of followHead(this.newest, blocks)) this.put(each);
  }

  async startAt(block: VerifiedBlock): Promise<void> {
    this.assertOpen();
    assertStartable(this.newest, block);
    const { number, hash, difficulty } = block;
    this.put({ block, head: { number, hash: new Uint8Array(hash), totalDifficulty: difficulty } });
    this.oldest = number;
    this.statesFrom = number;
  }

  async rewind(number: number): Promise<readonly BlockRef[]> {
    this.assertOpen();
    assertRewindable(this.newest, this.oldest, number);
    return this.cut(number);
  }

  async replace(blocks: readonly VerifiedBlock[]): Promise<readonly BlockRef[]> {
    this.assertOpen();
    const appended = followParent(blocks, (number) =>
      number >= this.oldest ? this.blocks.get(number)?.head : undefined,
    );
    const [first] = appended;
    if (first === undefined) return [];
    const removed = this.cut(first.head.number - 1);
    for (const each of appended) this.put(each);
    return removed;
  }

  async stateAt(number: number): Promise<StateRecord | undefined> {
    this.assertOpen();
    if (number !== 0 && !(this.blocks.has(number) || number === this.statesFrom)) return undefined;
    let found = -1;
    for (const each of this.states.keys()) if (each <= number && each > found) found = each;
    const state = this.states.get(found);
    return state && { number: found, state: state.slice() };
  }

  async putStates(records: readonly StateRecord[]): Promise<void> {
    this.assertOpen();
    for (const { number } of records) {
      if (!this.blocks.has(number)) throw gap(number, this.oldest);
    }
    for (const { number, state } of records) this.states.set(number, new Uint8Array(state));
  }

  async hashByNumber(number: number): Promise<Uint8Array | undefined> {
    return this.at(number)?.head.hash.slice();
  }

  async numberByHash(hash: Uint8Array): Promise<number | undefined> {
    this.assertOpen();
    return this.numbers.get(toHex(hash));
  }

  async totalDifficultyAt(number: number): Promise<bigint | undefined> {
    return this.at(number)?.head.totalDifficulty;
  }

  async rawHeader(number: number): Promise<Uint8Array | undefined> {
    return this.at(number)?.rawHeader.slice();
  }

  async rawBlock(number: number): Promise<Uint8Array | undefined> {
    return this.at(number)?.raw.slice();
  }

  async rawBlocks(from: number, { maxCount, maxBytes }: RangeLimits): Promise<readonly Uint8Array[]> {
    const found: Uint8Array[] = [];
    let bytes = 0;
    for (let number = from; found.length < maxCount; number++) {
      const raw = this.at(number)?.raw;
      if (raw === undefined) break;
      bytes += raw.length;
      if (found.length > 0 && (bytes > maxBytes || number === this.oldest)) break;
      found.push(raw.slice());
    }
    return found;
  }

  async removedBlock(hash: Uint8Array): Promise<RemovedBlock | undefined> {
    this.assertOpen();
    const found = this.removed.get(toHex(hash));
    return found && { number: found.number, raw: found.raw.slice() };
  }

  async keepAside({ number, hash, raw }: VerifiedBlock): Promise<void> {
    this.assertOpen();
    if (this.numbers.has(toHex(hash))) return;
    this.removed.set(toHex(hash), { number, raw: new Uint8Array(raw) });
    this.forgetRemoved();
  }

  async prune(number: number, { maxCount }: { readonly maxCount: number }): Promise<PruneResult> {
    this.assertOpen();
    const { from, end } = pruneEnd(this.newest, this.oldest, number, maxCount);
    if (end <= from) return { tail: this.oldest, removed: 0 };
    const before = await this.stateAt(end - 1);
    for (let at = from; at < end; at++) this.drop(at);
    for (const at of this.states.keys()) {
      if (at > 0 && before !== undefined && at < before.number) this.states.delete(at);
    }
    this.oldest = end;
    this.statesFrom = end - 1;
    return { tail: end, removed: end - from };
  }

  async bodyBytes(): Promise<number> {
    this.assertOpen();
    return this.bytes;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const map of [this.blocks, this.numbers, this.states, this.removed]) map.clear();
  }

  private put({ block, head }: Appended): void {
    const key = toHex(head.hash);
    this.blocks.set(head.number, {
      head,
      raw: new Uint8Array(block.raw),
      rawHeader: new Uint8Array(block.rawHeader),
    });
    this.numbers.set(key, head.number);
    this.removed.delete(key);
    if (block.state !== undefined) this.states.set(head.number, new Uint8Array(block.state));
    this.bytes += block.raw.length;
    this.newest = head;
    this.forgetRemoved();
  }

  private cut(number: number): BlockRef[] {
    const removed: BlockRef[] = [];
    for (let at = this.newest?.number ?? -1; at > number; at--) {
      const dropped = this.drop(at);
      this.states.delete(at);
      if (dropped === undefined) continue;
      removed.push({ number: at, hash: dropped.head.hash });
      this.removed.set(toHex(dropped.head.hash), { number: at, raw: dropped.raw });
    }
    this.newest = this.blocks.get(number)?.head;
    return removed;
  }

  private drop(number: number): StoredBlock | undefined {
    const dropped = this.blocks.get(number);
    if (dropped === undefined) return undefined;
    this.blocks.delete(number);
    this.numbers.delete(toHex(dropped.head.hash));
    this.bytes -= dropped.raw.length;
    return dropped;
  }

  private forgetRemoved(): void {
    for (const [key, { number }] of this.removed) {
      if (number < (this.newest?.number ?? 0) - REMOVED_HEIGHTS) this.removed.delete(key);
    }
  }

  private at(number: number): StoredBlock | undefined {
    this.assertOpen();
    return this.blocks.get(number);
  }

  private assertOpen(): void {
    if (this.closed) throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' });
  }
}
