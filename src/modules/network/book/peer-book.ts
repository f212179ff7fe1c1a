import { errorFields } from '../../../common/app-error.js';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { CLEAN_SCORE, type PeerScore } from '../conduct/peer-scores.js';
import type { PeerRecord, PeerStore, StoredPeers } from '../ports/peer-store.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { runEvery } from '../run-every.js';
import { lastReachedAtMs, withFailure, withReached, withRumour } from './book-addresses.js';
import { BookShelves } from './book-shelves.js';
import { recallPeers } from './recall-peers.js';

/** Between two writes of what changed, ms; as much is lost when the process is killed. */
const WRITE_INTERVAL_MS = 5_000;

/**
 * What is known of peers, from one run to the next: where they are, how dials went, their scores and quarantines.
 * Memory leads and the store follows. What peers were only heard of for is stored too, so that a node which never got far
 * has somewhere to begin; it is the first to go when the book is full.
 */
export class PeerBook {
  readonly #shelves: BookShelves;
  /** Peers whose record in the store is not what it is here. */
  #unwritten = new Set<PeerId>();
  #lastFlush: Promise<void> = Promise.resolve();
  #isStoreFailing = false;

  /** @param options.capacity peers remembered */
  constructor(
    private readonly store: PeerStore,
    private readonly clock: Clock,
    private readonly log: Logger,
    options: { readonly capacity: number },
  ) {
    this.#shelves = new BookShelves(options.capacity);
  }

  /**
   * Takes in what was stored, before anything is learned. Never rejects: without a memory the book is empty.
   * @param stored what was read already; else the store is read
   */
  async load(stored: StoredPeers | Promise<StoredPeers> = recallPeers(this.store, this.log)): Promise<void> {
    const { peers } = await stored;
    const oldestFirst = [...peers].sort((a, b) => lastHeardOfMs(a) - lastHeardOfMs(b));
    for (const record of oldestFirst) {
      const left = this.#shelves.put(record, this.clock.nowMs());
      if (left !== undefined) this.#unwritten.add(left);
    }
  }

  /** Writes what changed every five seconds until the signal aborts. */
  start(signal: AbortSignal): void {
    const { clock, log } = this;
    void runEvery({ clock, intervalMs: WRITE_INTERVAL_MS, signal, log }, () => this.flush());
  }

  /** Writes what changed. Never rejects: what could not be written is written with the next. */
  flush(): Promise<void> {
    this.#lastFlush = this.#lastFlush.then(() => this.#write());
    return this.#lastFlush;
  }

  /** Somebody told that the peer is there. Addresses without a transport say nothing. */
  learned({ peerId, transport }: PeerAddress): void {
    if (transport === '') return;
    const { addresses } = this.#recordOrBlank(peerId);
    const more = withRumour(addresses, transport);
    if (more !== addresses) this.#change(peerId, { addresses: more });
  }

  /** Our dial there led to the peer. */
  reached({ peerId, transport }: PeerAddress): void {
    if (transport === '') return;
    const { addresses } = this.#recordOrBlank(peerId);
    this.#change(peerId, { addresses: withReached(addresses, transport, this.clock.nowMs()) });
  }

  /** Our dial there failed. Nothing is remembered of an address that is not known. */
  failed({ peerId, transport }: PeerAddress): void {
    const addresses = this.#shelves.get(peerId)?.addresses;
    if (addresses?.some((known) => known.transport === transport)) {
      this.#change(peerId, { addresses: withFailure(addresses, transport) });
    }
  }

  /** It is or was in the peer table just now. */
  seen(peerId: PeerId): void {
    this.#change(peerId, { seenAtMs: this.clock.nowMs() });
  }

  /** Peers that a dial of ours reached at some time, the latest first, each at its best address; none in quarantine. */
  knownGood(): readonly PeerAddress[] {
    return [...this.#shelves.reached()]
      .filter(({ peerId }) => this.quarantinedUntilMs(peerId) === undefined)
      .sort((a, b) => (lastReachedAtMs(b.addresses) ?? 0) - (lastReachedAtMs(a.addresses) ?? 0))
      .flatMap(({ peerId, addresses: [best] }) => (best ? [{ peerId, transport: best.transport }] : []));
  }

  isKnownGood(peerId: PeerId): boolean {
    const addresses = this.#shelves.get(peerId)?.addresses ?? [];
    return lastReachedAtMs(addresses) !== undefined && this.quarantinedUntilMs(peerId) === undefined;
  }

  /** Multiaddrs without `/p2p`, best first; at most 8. */
  addressesOf(peerId: PeerId): readonly string[] {
    return this.#recordOrBlank(peerId).addresses.map(({ transport }) => transport);
  }

  /** Undefined when nothing is remembered. */
  recordOf(peerId: PeerId): PeerRecord | undefined {
    return this.#shelves.get(peerId);
  }

  /** Peers remembered, the most valuable first. */
  peers(): Iterable<PeerRecord> {
    return this.#shelves.byWorth();
  }

  quarantine(peerId: PeerId, untilMs: number): void {
    this.#change(peerId, { quarantinedUntilMs: untilMs });
  }

  /** Undefined when no quarantine holds now. */
  quarantinedUntilMs(peerId: PeerId): number | undefined {
    const untilMs = this.#shelves.get(peerId)?.quarantinedUntilMs;
    return untilMs !== undefined && untilMs > this.clock.nowMs() ? untilMs : undefined;
  }

  /** As it was written; `scoreAt` of peer-scores.ts says what is left of it. */
  scoreOf(peerId: PeerId): PeerScore {
    return this.#recordOrBlank(peerId);
  }

  setScore(peerId: PeerId, { score, scoredAtMs, reasons }: PeerScore): void {
    this.#change(peerId, { score, scoredAtMs, reasons });
  }

  #recordOrBlank(peerId: PeerId): PeerRecord {
    return this.#shelves.get(peerId) ?? { peerId, addresses: [], ...CLEAN_SCORE };
  }

  #change(peerId: PeerId, change: Partial<PeerRecord>): void {
    const left = this.#shelves.put({ ...this.#recordOrBlank(peerId), ...change }, this.clock.nowMs());
    this.#unwritten.add(peerId);
    if (left !== undefined) this.#unwritten.add(left);
  }

  async #write(): Promise<void> {
    const writing = this.#unwritten;
    if (writing.size === 0) return;
    this.#unwritten = new Set();
    const peers: PeerRecord[] = [];
    const forgottenPeers: PeerId[] = [];
    for (const peerId of writing) {
      const record = this.#shelves.get(peerId);
      if (record === undefined) forgottenPeers.push(peerId);
      else peers.push(record);
    }
    try {
      await this.store.write({ peers, forgottenPeers });
      this.#isStoreFailing = false;
    } catch (error) {
      for (const peerId of writing) this.#unwritten.add(peerId);
      if (!this.#isStoreFailing) {
        this.log.warn('what is known of peers cannot be stored', errorFields(error));
      }
      this.#isStoreFailing = true;
    }
  }
}

function lastHeardOfMs({ addresses, seenAtMs = 0, scoredAtMs }: PeerRecord): number {
  return Math.max(lastReachedAtMs(addresses) ?? 0, seenAtMs, scoredAtMs);
}
