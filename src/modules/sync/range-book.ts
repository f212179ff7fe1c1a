import type { PeerId } from '../network/index.js';
import { type Batch, type BatchPart, BookedLease, type BookLimits, type Lease, type Range } from './lease.js';
import type { Round } from './round.js';

/**
 * Every height above `floor` is free, leased to one round, or waits in the buffer. What was leased and did not come is
 * free again. Readers wait while the buffer is full, but for the one whose blocks come next: it always has room for a
 * batch. A reader that waits gives way when a height below its own is free, as the blocks that wait depend on it.
 */
export class RangeBook {
  readonly #limits: BookLimits;
  /** By height. */
  #leases: BookedLease[] = [];
  #floor = 0;
  #blocks = 0;
  #bytes = 0;
  #open = 0;
  #pin: { readonly peerId: PeerId; readonly to: number } | undefined;

  constructor(limits: BookLimits) {
    this.#limits = limits;
  }

  /** The next height to be handed to the chain. */
  get floor(): number {
    return this.#floor;
  }

  /** Blocks that wait. */
  get blocks(): number {
    return this.#blocks;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#leases.length === 0;
  }

  /** The lease that the next block comes from; undefined while nobody has it. */
  get floorLease(): Lease | undefined {
    const [first] = this.#leases;
    return first?.start === this.#floor ? first : undefined;
  }

  /** Readers that wait for room. */
  get waiting(): readonly PeerId[] {
    return this.#leases.filter(({ wake }) => wake !== undefined).map(({ round }) => round.peerId);
  }

  /** Goes on from `floor`; nothing above changes. Heights below it may be leased again. */
  moveFloor(floor: number): void {
    this.#floor = floor;
    this.#wakeAll();
  }

  /** Heights up to `to` are leased to that peer alone. */
  pin(peerId: PeerId, to: number): void {
    this.#pin = { peerId, to };
    this.#wakeAll();
  }

  unpin(): void {
    this.#pin = undefined;
    this.#wakeAll();
  }

  /** The lowest free range that a peer with this claim may have. */
  free(peerId: PeerId, claimed: number): Range | undefined {
    const pin = this.#pin;
    let from = pin !== undefined && pin.peerId !== peerId ? Math.max(this.#floor, pin.to + 1) : this.#floor;
    let limit = claimed;
    for (const { start, to } of this.#leases) {
      if (from < start) {
        limit = Math.min(limit, start - 1);
        break;
      }
      from = Math.max(from, to + 1);
    }
    const to = Math.min(limit, from + this.#limits.rangeBlocks - 1);
    return from <= to ? { from, to } : undefined;
  }

  /** Leases a range that is free. */
  lease(round: Round, range: Range): Lease {
    const lease = new BookedLease(round, range);
    this.#add(lease);
    this.#open += 1;
    return lease;
  }

  /** The range right behind a complete one, for the same stream; undefined unless it is the lowest that is free. */
  leaseBehind({ round, to }: Lease, claimed: number): Lease | undefined {
    const range = this.free(round.peerId, claimed);
    return range?.from === to + 1 ? this.lease(round, range) : undefined;
  }

  /** Takes the next block of a lease; closes it after its last. False when the lease was ended: the block is not wanted. */
  put(lease: Lease, block: Uint8Array): boolean {
    const own = this.#own(lease);
    if (own === undefined) return false;
    own.round.took();
    own.put(block);
    this.#blocks += 1;
    this.#bytes += block.length;
    if (own.next > own.to) this.close(own);
    return true;
  }

  /** Whether the reader may ask for its next block. */
  hasRoom(lease: Lease): boolean {
    const own = this.#own(lease);
    return own !== undefined && this.#hasRoom(own);
  }

  /** Resolves when there is room; with false when the reader is to end, since its lease did or gives way. */
  async room(lease: Lease): Promise<boolean> {
    for (;;) {
      const own = this.#own(lease);
      if (own === undefined) return false;
      if (this.#hasRoom(own)) return true;
      const lowest = this.free(own.round.peerId, own.round.claimed);
      if (lowest !== undefined && lowest.from < own.start) return false;
      await new Promise<void>((resolve) => {
        own.wake = resolve;
      });
      own.wake = undefined;
    }
  }

  /** What has not come of a lease is free again. May be called again. */
  close(lease: Lease): void {
    const own = this.#own(lease);
    if (own === undefined) return;
    own.isOpen = false;
    own.to = own.next - 1;
    this.#open -= 1;
    if (own.blocks.length === 0) this.#leases.splice(this.#leases.indexOf(own), 1);
    own.wake?.();
    this.#wakeAll();
  }

  /**
   * The next blocks for the chain, up to a batch.
   * @param onlyFull Nothing, then, unless there is a full batch.
   */
  take(onlyFull: boolean): Batch | undefined {
    if (this.floorLease === undefined || (onlyFull && !this.#hasFullBatch())) return undefined;
    const { batchBlocks, batchBytes } = this.#limits;
    const from = this.#floor;
    const blocks: Uint8Array[] = [];
    const parts: BatchPart[] = [];
    let bytes = 0;
    for (const lease of [...this.#leases]) {
      if (lease.start !== this.#floor) break;
      let count = 0;
      for (const block of lease.blocks) {
        if (blocks.length === batchBlocks || (blocks.length > 0 && bytes + block.length > batchBytes)) break;
        blocks.push(block);
        bytes += block.length;
        count += 1;
      }
      if (count === 0) break;
      parts.push({ round: lease.round, from: this.#floor, count });
      this.#shift(lease, count);
      this.#floor += count;
    }
    if (blocks.length === 0) return undefined;
    this.#wakeAll();
    return { from, blocks, bytes, parts };
  }

  /** Gives back a batch, but for what is at or below `head`; the floor must be at or below what is left. */
  putBack({ from, blocks, parts }: Batch, head: number): void {
    for (const part of parts) {
      const start = Math.max(part.from, head + 1);
      const end = part.from + part.count;
      if (start >= end) continue;
      const range = { from: start, to: end - 1 };
      const lease = new BookedLease(part.round, range, blocks.slice(start - from, end - from));
      this.#blocks += lease.blocks.length;
      this.#bytes += lease.bytes;
      this.#add(lease);
    }
  }

  /** Drops what waits of these rounds, and ends their leases. */
  drop(isDropped: (round: Round) => boolean): void {
    for (const lease of this.#leases.filter(({ round }) => isDropped(round))) {
      const count = lease.blocks.length;
      this.#shift(lease, count);
      this.close(lease);
      lease.round.dropped(count);
    }
    this.#wakeAll();
  }

  #own(lease: Lease): BookedLease | undefined {
    return lease instanceof BookedLease && lease.isOpen ? lease : undefined;
  }

  #add(lease: BookedLease): void {
    const at = this.#leases.findIndex(({ start }) => start > lease.start);
    this.#leases.splice(at === -1 ? this.#leases.length : at, 0, lease);
  }

  /** Takes blocks off the front; a closed lease goes with its last. */
  #shift(lease: BookedLease, count: number): void {
    this.#bytes -= lease.shift(count);
    this.#blocks -= count;
    if (!lease.isOpen && lease.blocks.length === 0) this.#leases.splice(this.#leases.indexOf(lease), 1);
  }

  #hasFullBatch(): boolean {
    const { batchBlocks, batchBytes } = this.#limits;
    let [blocks, bytes, next] = [0, 0, this.#floor];
    for (const lease of this.#leases) {
      if (lease.start !== next) return false;
      blocks += lease.blocks.length;
      bytes += lease.bytes;
      next = lease.next;
      if (blocks >= batchBlocks || bytes >= batchBytes) return true;
    }
    return false;
  }

  /** A block is kept free for each stream that is open, and a batch for the lease at the floor. */
  #hasRoom(lease: BookedLease): boolean {
    const { bufferBlocks, bufferBytes, batchBlocks, batchBytes } = this.#limits;
    const isNext = lease.start === this.#floor;
    if (isNext && lease.blocks.length < batchBlocks && lease.bytes < batchBytes) return true;
    return this.#blocks + this.#open <= bufferBlocks - batchBlocks && this.#bytes < bufferBytes - batchBytes;
  }

  #wakeAll(): void {
    for (const { wake } of this.#leases) wake?.();
  }
}
