import { type CheckedTransaction, priceAt } from '../check/check-transaction.js';
import type { PooledTransaction } from '../ports/txpool.port.js';
import { TxPoolError } from '../txpool.errors.js';
import { GossipShare } from './gossip-share.js';
import { isWithin, minus, plus, type Room, roomOf } from './room.js';

export interface PoolEntry extends PooledTransaction, CheckedTransaction {
  /** On the clock that never goes back. */
  readonly expiresAtMs: number;
  /** The neighbour that brought it; only of gossip. */
  readonly receivedFrom?: string;
}

interface PoolLimits {
  readonly maxSlots: number;
  readonly maxBytes: number;
  readonly maxPerSender: number;
}

/** What a transaction took the place of. */
interface Admission {
  /** The one of its sender and nonce. */
  readonly replaced: PoolEntry | undefined;
  /** Those that gave way to it. */
  readonly displaced: readonly PoolEntry[];
}

/** Transactions that wait, by hash and by sender and nonce, within bounds. */
export class PoolBook {
  /** In the order of their end. */
  private readonly byHash = new Map<string, PoolEntry>();
  private readonly bySender = new Map<string, Map<bigint, PoolEntry>>();
  /** How many senders use a nonce. */
  private readonly nonces = new Map<bigint, number>();
  private readonly gossip: GossipShare;
  private readonly limit: Room;
  private used: Room = { slots: 0, bytes: 0 };

  constructor(private readonly limits: PoolLimits) {
    this.limit = { slots: limits.maxSlots, bytes: limits.maxBytes };
    this.gossip = new GossipShare(this.limit);
  }

  get size(): number {
    return this.byHash.size;
  }
  get slots(): number {
    return this.used.slots;
  }
  get bytes(): number {
    return this.used.bytes;
  }
  /** The one whose time is over first. */
  get oldest(): PoolEntry | undefined {
    return this.byHash.values().next().value;
  }

  get(hash: string): PoolEntry | undefined {
    return this.byHash.get(hash);
  }

  at(sender: string, nonce: bigint): PoolEntry | undefined {
    return this.bySender.get(sender)?.get(nonce);
  }

  /** Whether any transaction here has this nonce, whoever sent it. */
  hasNonce(nonce: bigint): boolean {
    return this.nonces.has(nonce);
  }

  /**
   * Takes a transaction, in place of the one of its sender and nonce if it pays more. What a peer brought displaces, when
   * there is no room, what peers brought that pays less; what operators and JSON-RPC brought stays.
   * @throws {TxPoolError} TXPOOL.ALREADY_KNOWN | TXPOOL.REPLACEMENT_UNDERPRICED | TXPOOL.SENDER_FULL | TXPOOL.FULL
   * @see polygon-edge@597a0f3 txpool/txpool.go addTx
   */
  admit(entry: PoolEntry, baseFee: bigint): Admission {
    const { hash, sender, nonce } = entry;
    if (this.byHash.has(hash)) throw new TxPoolError({ code: 'TXPOOL.ALREADY_KNOWN', hash });
    const price = priceAt(entry, baseFee);
    const replaced = this.at(sender, nonce);
    if (replaced !== undefined && priceAt(replaced, baseFee) >= price)
      throw new TxPoolError({ code: 'TXPOOL.REPLACEMENT_UNDERPRICED', hash: replaced.hash });
    const ofSender = this.bySender.get(sender)?.size ?? 0;
    if (replaced === undefined && ofSender >= this.limits.maxPerSender)
      throw new TxPoolError({ code: 'TXPOOL.SENDER_FULL', sender });
    const displaced = this.givingWay(entry, price, replaced);
    if (displaced === undefined) throw new TxPoolError({ code: 'TXPOOL.FULL' });
    for (const gone of displaced) this.remove(gone.hash);
    if (replaced !== undefined) this.remove(replaced.hash);
    this.insert(entry, price);
    return { replaced, displaced };
  }

  /** @returns What was removed. */
  remove(hash: string): PoolEntry | undefined {
    const entry = this.byHash.get(hash);
    if (entry === undefined) return undefined;
    this.byHash.delete(hash);
    const ofSender = this.bySender.get(entry.sender);
    ofSender?.delete(entry.nonce);
    if (ofSender?.size === 0) this.bySender.delete(entry.sender);
    const others = (this.nonces.get(entry.nonce) ?? 1) - 1;
    if (others === 0) this.nonces.delete(entry.nonce);
    else this.nonces.set(entry.nonce, others);
    this.used = minus(this.used, roomOf(entry));
    this.gossip.delete(entry);
    return entry;
  }

  /** Undefined when there is no room and nobody gives way. */
  private givingWay(entry: PoolEntry, price: bigint, replaced?: PoolEntry): readonly PoolEntry[] | undefined {
    if (entry.source === 'gossip') return this.gossip.givingWay(entry, price, this.used, replaced);
    const after = plus(this.used, roomOf(entry));
    return isWithin(replaced === undefined ? after : minus(after, roomOf(replaced)), this.limit)
      ? []
      : undefined;
  }

  private insert(entry: PoolEntry, price: bigint): void {
    const { hash, sender, nonce } = entry;
    this.byHash.set(hash, entry);
    const ofSender = this.bySender.get(sender) ?? new Map<bigint, PoolEntry>();
    ofSender.set(nonce, entry);
    this.bySender.set(sender, ofSender);
    this.nonces.set(nonce, (this.nonces.get(nonce) ?? 0) + 1);
    this.used = plus(this.used, roomOf(entry));
    this.gossip.add(entry, price);
  }
}
