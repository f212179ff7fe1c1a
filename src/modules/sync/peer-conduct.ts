import { Inject, Injectable } from '@nestjs/common';
import { errorFields, errorText } from '../../common/app-error.js';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { CHAIN, type Chain } from '../blockchain/index.js';
import { PEERS, type PeerId, type Peers } from '../network/index.js';
import { type HeightClaim, inOrderOfUse } from './choose-peer.js';
import { PeerHeights } from './peer-heights.js';
import type { SyncPeerView } from './ports/sync.port.js';
import { faultOf } from './round-error.js';
import { SkipList } from './skip-list.js';
import { Standstill } from './standstill.js';
import { consequenceOf, type SyncError } from './sync.errors.js';

/** Peers whose last fault is remembered; more than any peer table holds. */
const MAX_FAULTS = 1_024;

/** Our own entry on the skip list. */
const OURSELVES = '';

/** Whom blocks may be asked of, and what follows from what peers do. */
@Injectable()
export class PeerConduct {
  readonly #log: Logger;
  readonly #standstill: Standstill;
  /** Peers that something is being found out about. */
  readonly #aside = new Set<PeerId>();
  /** What was held against somebody; an error may be seen from two sides. */
  readonly #told = new WeakSet<SyncError>();
  /** Since the peer last served well; oldest first. */
  readonly #faults = new Map<PeerId, NonNullable<SyncPeerView['lastFault']>>();

  constructor(
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(CHAIN) private readonly chain: Chain,
    private readonly heights: PeerHeights,
    private readonly skipList: SkipList,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#log = logger.child('sync');
    this.#standstill = new Standstill(clock, this.#log);
  }

  /** Who claims a block at or above `height` and may be asked, the best first. */
  usable(height: number): readonly HeightClaim[] {
    if (this.skipList.has(OURSELVES)) return [];
    // Block 0 by itself is of no use: where it is missing, block 1 must follow.
    const lowest = Math.max(1, height);
    const isUsable = ({ peerId, number }: HeightClaim) =>
      number >= lowest && !this.#aside.has(peerId) && !this.skipList.has(peerId);
    return inOrderOfUse(this.heights.list().filter(isUsable));
  }

  /** All but whether blocks are being read from it. */
  view(peerId: PeerId): Omit<SyncPeerView, 'isSource'> {
    const better = this.usable(0).findIndex((claim) => claim.peerId === peerId);
    return {
      claimedHeight: this.heights.claimOf(peerId)?.number,
      isSetAside: this.#aside.has(peerId),
      skippedMs: Math.ceil(this.skipList.remainingMs(peerId)),
      lastFault: this.#faults.get(peerId),
      betterPeers: Math.max(0, better),
      pausedMs: Math.ceil(this.skipList.remainingMs(OURSELVES)),
    };
  }

  /** What the peer claims; -1 when nothing is known. */
  claimOf(peerId: PeerId): number {
    return this.heights.claimOf(peerId)?.number ?? -1;
  }

  /** The best height claimed by a peer that did not fail just now; at least our own. */
  highest(): number {
    const claims = this.heights.list().filter(({ peerId }) => !this.skipList.has(peerId));
    return claims.reduce((highest, { number }) => Math.max(highest, number), this.#head);
  }

  /** The median of what usable peers claim, which no single one can raise much; -1 without any. */
  typicalClaim(): number {
    const claims = this.usable(0);
    return claims[Math.floor(claims.length / 2)]?.number ?? -1;
  }

  /** When the first of the skipped peers that are ahead may be asked again, ms; undefined when none is. */
  nextTryMs(): number | undefined {
    const pauseMs = this.skipList.remainingMs(OURSELVES);
    if (pauseMs > 0) return pauseMs;
    const waits = this.#ahead().map(({ peerId }) => this.skipList.remainingMs(peerId));
    const skipped = waits.filter((ms) => ms > 0);
    return skipped.length === 0 ? undefined : Math.min(...skipped);
  }

  /** Nothing is asked of it in the ordinary way until it is `released`. */
  setAside(peerId: PeerId): void {
    this.#aside.add(peerId);
  }

  release(peerId: PeerId): void {
    this.#aside.delete(peerId);
  }

  /** Failures since the peer last served well. */
  strikes(peerId: PeerId): number {
    return this.skipList.strikes(peerId);
  }

  /** A round brought what it should. */
  servedWell(peerId: PeerId): void {
    this.skipList.forgive(peerId);
    this.#faults.delete(peerId);
  }

  /** Blocks that it gave are stored. */
  gave(peerId: PeerId): void {
    this.peers.markUseful(peerId);
  }

  /** Our own store or settings failed: nobody is asked for a while, longer each time. */
  pause(error: SyncError): void {
    this.#told.add(error);
    this.skipList.skip(OURSELVES);
    this.#log.error('blocks could not be stored', {
      height: this.#head,
      ...errorFields(error),
    });
  }

  /** Our head is at `height`, by blocks that were stored. */
  reached(height: number): void {
    this.skipList.forgive(OURSELVES);
    this.#standstill.reached(height);
  }

  /** Draws the consequences, once for each error. */
  blame(peerId: PeerId, error: SyncError): void {
    if (this.#told.has(error)) return;
    this.#told.add(error);
    const consequence = consequenceOf(error, this.skipList.strikes(peerId));
    if (consequence === 'none') return;
    const height = this.#head;
    const fields = { peerId, height, consequence, ...errorFields(error) };
    this.skipList.skip(peerId);
    this.#remember(peerId, error);
    if (error.code === 'SYNC.LOCAL_FAILURE' || error.code === 'SYNC.WRONG_STATE') {
      this.#log.error('blocks could not be read', fields);
      return;
    }
    this.#log.debug('round failed', fields);
    if (consequence === 'drop') {
      const ahead = this.#ahead().map((claim) => claim.peerId);
      this.#standstill.add({ peerId, height, error, ahead });
    }
    this.peers.report(peerId, faultOf(error, consequence));
  }

  #remember(peerId: PeerId, error: SyncError): void {
    this.#faults.delete(peerId);
    this.#faults.set(peerId, { code: error.code, message: errorText(error), atMs: this.clock.nowMs() });
    const [oldest] = this.#faults.keys();
    if (this.#faults.size > MAX_FAULTS && oldest !== undefined) this.#faults.delete(oldest);
  }

  get #head(): number {
    return this.chain.head()?.number ?? -1;
  }

  #ahead(): readonly HeightClaim[] {
    const head = this.#head;
    return this.heights.list().filter(({ number }) => number > head);
  }
}
