import { type CheckedTransaction, priceAt } from '../check/check-transaction.js';
import type { PooledTransaction } from '../ports/txpool.port.js';
import { TxPoolError } from '../txpool.errors.js';

/** @see polygon-edge@597a0f3 txpool/txpool.go txSlotSize */
const SLOT_BYTES = 32 * 1_024;
/** Peers fill the pool up to this; the rest is for operators and JSON-RPC, whom a flood must not lock out. */
const GOSSIP_SHARE = 0.8;

export interface PoolEntry extends PooledTransaction, CheckedTransaction {
  /** On the clock that never goes back. */
  readonly expiresAtMs: number;
}

interface PoolLimits {
  readonly maxSlots: number;
  readonly maxBytes: number;
  readonly maxPerSender: number;
}

/** Slots that so many bytes take. @see polygon-edge@597a0f3 txpool/slot_gauge.go slotsRequired */
export function slotsOf({ raw }: Pick<PoolEntry, 'raw'>): number {
  return Math.ceil(raw.length / SLOT_BYTES);
}

/** Transactions that wait, by hash and by sender and nonce, within bounds. */
export class PoolBook {
  /** In the order of their end. */
  private readonly byHash = new Map<string, PoolEntry>();
  private readonly bySender = new Map<string, Map<bigint, PoolEntry>>();
  /** How many senders use a nonce. */
  private readonly nonces = new Map<bigint, number>();
  private usedSlots = 0;
  private usedBytes = 0;

  constructor(private readonly limits: PoolLimits) {}

  get size(): number {
    return this.byHash.size;
  }
  get slots(): number {
    return this.usedSlots;
  }
  get bytes(): number {
    return this.usedBytes;
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
   * Takes a transaction, in place of the one of its sender and nonce if it pays more.
   * @returns The one that it replaces.
   * @throws {TxPoolError} TXPOOL.ALREADY_KNOWN | TXPOOL.REPLACEMENT_UNDERPRICED | TXPOOL.SENDER_FULL | TXPOOL.FULL
   * @see polygon-edge@597a0f3 txpool/txpool.go addTx
   */
  admit(entry: PoolEntry, baseFee: bigint): PoolEntry | undefined {
    const { hash, sender, nonce } = entry;
    if (this.byHash.has(hash)) throw new TxPoolError({ code: 'TXPOOL.ALREADY_KNOWN', hash });
    const replaced = this.at(sender, nonce);
    if (replaced !== undefined && priceAt(replaced, baseFee) >= priceAt(entry, baseFee))
      throw new TxPoolError({ code: 'TXPOOL.REPLACEMENT_UNDERPRICED', hash: replaced.hash });
    this.requireRoom(entry, replaced);
    if (replaced !== undefined) this.remove(replaced.hash);
    this.insert(entry);
    return replaced;
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
    this.usedSlots -= slotsOf(entry);
    this.usedBytes -= entry.raw.length;
    return entry;
  }

  private requireRoom(entry: PoolEntry, replaced: PoolEntry | undefined): void {
    const { maxSlots, maxBytes, maxPerSender } = this.limits;
    const ofSender = this.bySender.get(entry.sender)?.size ?? 0;
    if (replaced === undefined && ofSender >= maxPerSender)
      throw new TxPoolError({ code: 'TXPOOL.SENDER_FULL', sender: entry.sender });
    const slots = this.usedSlots + slotsOf(entry) - (replaced === undefined ? 0 : slotsOf(replaced));
    const bytes = this.usedBytes + entry.raw.length - (replaced?.raw.length ?? 0);
    const share = entry.source === 'gossip' ? GOSSIP_SHARE : 1;
    if (slots > maxSlots * share || bytes > maxBytes * share) throw new TxPoolError({ code: 'TXPOOL.FULL' });
  }

  private insert(entry: PoolEntry): void {
    const { hash, sender, nonce } = entry;
    this.byHash.set(hash, entry);
    const ofSender = this.bySender.get(sender) ?? new Map<bigint, PoolEntry>();
    ofSender.set(nonce, entry);
    this.bySender.set(sender, ofSender);
    this.nonces.set(nonce, (this.nonces.get(nonce) ?? 0) + 1);
    this.usedSlots += slotsOf(entry);
    this.usedBytes += entry.raw.length;
  }
}
