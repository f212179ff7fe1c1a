import { scoreAt } from '../conduct/peer-scores.js';
import type { PeerRecord } from '../ports/peer-store.port.js';
import type { PeerId } from '../ports/types.js';
import { lastReachedAtMs } from './book-addresses.js';

/** How long a peer that was in the peer table is worth more than one that was heard of. */
const MET_FOR_MS = 24 * 60 * 60_000;

const HEARSAY = 0;
const MET = 1;
const REACHED = 2;
type Shelf = typeof HEARSAY | typeof MET | typeof REACHED;

/**
 * A bounded number of records, on three shelves by worth: peers only heard of, peers met lately or with a bad name, peers
 * that a dial of ours once reached. When all is full, hearsay goes first. Where there is none, the longer of the other two
 * shelves gives up its oldest: half of the book stays for peers reached however many misbehave, and the other way round.
 */
export class BookShelves {
  /** By worth; each in the order of the last change, hearsay in that of the first mention. */
  readonly #shelves: Record<Shelf, Map<PeerId, PeerRecord>> = [new Map(), new Map(), new Map()];

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#shelves[HEARSAY].size + this.#shelves[MET].size + this.#shelves[REACHED].size;
  }

  get(peerId: PeerId): PeerRecord | undefined {
    const [hearsay, met, reached] = [this.#shelves[HEARSAY], this.#shelves[MET], this.#shelves[REACHED]];
    return reached.get(peerId) ?? met.get(peerId) ?? hearsay.get(peerId);
  }

  /** Those that were reached at some time, the latest change last. */
  reached(): Iterable<PeerRecord> {
    return this.#shelves[REACHED].values();
  }

  /** All, the most valuable first, and of each kind the latest change first. */
  *byWorth(): Iterable<PeerRecord> {
    for (const shelf of [REACHED, MET, HEARSAY] as const) yield* [...this.#shelves[shelf].values()].reverse();
  }

  /** @returns who had to leave for it: another, the record's own peer when there is no room for it, or nobody. */
  put(record: PeerRecord, nowMs: number): PeerId | undefined {
    const { peerId } = record;
    const shelf = shelfOf(record, nowMs);
    // A failed dial makes a rumour no younger: it keeps its place.
    if (shelf !== HEARSAY || !this.#shelves[HEARSAY].has(peerId)) this.#remove(peerId);
    if (this.#shelves[shelf].has(peerId)) {
      this.#shelves[shelf].set(peerId, record);
      return undefined;
    }
    const isFull = this.size >= this.capacity;
    const leaving = isFull ? this.#leastValuable(shelf, nowMs) : undefined;
    if (isFull && leaving === undefined) return peerId;
    if (leaving !== undefined) this.#remove(leaving);
    this.#shelves[shelf].set(peerId, record);
    return leaving;
  }

  /** Undefined when the newcomer itself is worth less than all there is. */
  #leastValuable(newcomer: Shelf, nowMs: number): PeerId | undefined {
    const [hearsay] = this.#shelves[HEARSAY].keys();
    if (hearsay !== undefined) return hearsay;
    const met = oldestOf(this.#shelves[MET]);
    if (met !== undefined && shelfOf(met, nowMs) === HEARSAY) return met.peerId;
    if (newcomer === HEARSAY) return undefined;
    const isMetHalf = this.#shelves[MET].size >= this.#shelves[REACHED].size;
    return (isMetHalf ? met : oldestOf(this.#shelves[REACHED]))?.peerId;
  }

  #remove(peerId: PeerId): void {
    for (const shelf of [HEARSAY, MET, REACHED] as const) this.#shelves[shelf].delete(peerId);
  }
}

function oldestOf(shelf: Map<PeerId, PeerRecord>): PeerRecord | undefined {
  for (const record of shelf.values()) return record;
  return undefined;
}

function shelfOf(record: PeerRecord, nowMs: number): Shelf {
  if (lastReachedAtMs(record.addresses) !== undefined) return REACHED;
  const { seenAtMs, quarantinedUntilMs = nowMs } = record;
  const wasMet = seenAtMs !== undefined && nowMs - seenAtMs < MET_FOR_MS;
  return wasMet || quarantinedUntilMs > nowMs || scoreAt(record, nowMs) < 0 ? MET : HEARSAY;
}
