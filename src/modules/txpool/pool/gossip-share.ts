import { MAX_TRANSACTION_BYTES } from '../check/check-transaction.js';
import type { PoolEntry } from './pool-book.js';
import { PriceOrder } from './price-order.js';
import { isWithin, minus, plus, type Room, roomOf } from './room.js';

/** Peers fill the pool up to this; the rest is for operators and JSON-RPC, whom a flood must not lock out. */
const GOSSIP_SHARE = 0.8;
/** One neighbour fills this much of that, so that it takes several to fill it all; but one transaction always fits. */
const NEIGHBOUR_SHARE = 0.25;
const LARGEST = roomOf({ raw: { length: MAX_TRANSACTION_BYTES } });
/** More than these do not give way to one, which bounds what it costs to find them. */
const MAX_GIVING_WAY = 16;

/** What one neighbour brought, by what it pays. */
interface Holding {
  readonly order: PriceOrder<PoolEntry>;
  used: Room;
}

/** The part of the pool that peers fill: when it is full, those that pay least give way. */
export class GossipShare {
  private readonly limit: Room;
  private readonly neighbourLimit: Room;
  private readonly order = new PriceOrder<PoolEntry>();
  private readonly byNeighbour = new Map<string, Holding>();

  constructor({ slots, bytes }: Room) {
    this.limit = { slots: slots * GOSSIP_SHARE, bytes: bytes * GOSSIP_SHARE };
    this.neighbourLimit = {
      slots: Math.max(LARGEST.slots, this.limit.slots * NEIGHBOUR_SHARE),
      bytes: Math.max(LARGEST.bytes, this.limit.bytes * NEIGHBOUR_SHARE),
    };
  }

  /** @param price By the base fee of now; it is not looked at again when that moves. */
  add(entry: PoolEntry, price: bigint): void {
    const { receivedFrom } = entry;
    if (receivedFrom === undefined) return;
    const fresh = { order: new PriceOrder<PoolEntry>(), used: { slots: 0, bytes: 0 } };
    const holding = this.byNeighbour.get(receivedFrom) ?? fresh;
    this.byNeighbour.set(receivedFrom, holding);
    holding.used = plus(holding.used, roomOf(entry));
    holding.order.add(entry, price);
    this.order.add(entry, price);
  }

  delete(entry: PoolEntry): void {
    const { receivedFrom = '' } = entry;
    const holding = this.byNeighbour.get(receivedFrom);
    if (holding === undefined) return;
    holding.used = minus(holding.used, roomOf(entry));
    holding.order.delete(entry);
    if (holding.order.size === 0) this.byNeighbour.delete(receivedFrom);
    this.order.delete(entry);
  }

  /**
   * Who gives way to what a peer brought: while there is room nobody, else those that pay least; where its neighbour has
   * all that it may, those of its own.
   * @param used By the whole pool.
   * @param replaced Goes in any case.
   * @returns undefined when those that would have to go do not pay less.
   */
  givingWay(
    entry: PoolEntry,
    price: bigint,
    used: Room,
    replaced: PoolEntry | undefined,
  ): readonly PoolEntry[] | undefined {
    const leaving = new Set(replaced && [replaced]);
    const most = leaving.size + MAX_GIVING_WAY;
    const makeRoom = (order: PriceOrder<PoolEntry>, used: Room, limit: Room): boolean => {
      let after = plus(used, roomOf(entry));
      if (isWithin(after, limit)) return true;
      for (const { item, price: paid } of order.cheapestFirst()) {
        if (leaving.has(item)) continue;
        if (paid >= price || leaving.size >= most) return false;
        leaving.add(item);
        after = minus(after, roomOf(item));
        if (isWithin(after, limit)) return true;
      }
      return false;
    };
    const { receivedFrom } = entry;
    const holding = this.byNeighbour.get(receivedFrom ?? '');
    if (holding !== undefined) {
      const ofNeighbour = [...leaving].filter((gone) => gone.receivedFrom === receivedFrom);
      if (!makeRoom(holding.order, without(holding.used, ofNeighbour), this.neighbourLimit)) return undefined;
    }
    if (!makeRoom(this.order, without(used, leaving), this.limit)) return undefined;
    return [...leaving].filter((gone) => gone !== replaced);
  }
}

function without(used: Room, gone: Iterable<PoolEntry>): Room {
  return [...gone].reduce((rest, entry) => minus(rest, roomOf(entry)), used);
}
