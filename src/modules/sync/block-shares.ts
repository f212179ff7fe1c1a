import type { Clock } from '../../common/clock.js';
import { GrpcStatus, GrpcStatusError } from '../../common/grpc-status.js';
import type { PeerId } from '../network/index.js';
import {
  type BlockCall,
  type BlockShare,
  newPeer,
  oldestOf,
  type PeerShares,
  type Waiting,
} from './peer-shares.js';

/** A turn that lasts longer waits for its reader, not for us: the peer's next stream goes on beside it, ms. */
const SLOW_TURN_MS = 100;
/** While others wait, the stream that has held its batch for longest is ended if it has for so long, ms. */
const SHED_AFTER_MS = 10_000;
/** Longest wait for a turn, ms. */
const MAX_WAIT_MS = 30_000;
const CHECK_MS = 1_000;

export interface BlockSharesOptions {
  readonly clock: Clock;
  /** GetBlocks of one peer at a time. */
  readonly streamsPerPeer: number;
  /** Bytes of blocks on their way to all peers together. */
  readonly bytesInFlight: number;
  /** What one read of the store brings at most: a batch, or one block that is larger. */
  readonly maxReadBytes: number;
  onRefused(reason: RefusalReason): void;
}

/** `displaced` by a newer stream of the same peer, `slowest` while others waited, or `waited` too long itself. */
type RefusalReason = 'displaced' | 'slowest' | 'waited';

/**
 * Shares out what all GetBlocks together may have in flight, among peers and not among streams: those of one peer take
 * turns, so that four bring no more than another's one. While there is room for all nobody waits.
 *
 * A Go node reads one stream at a time and may leave others behind unread. What was served longest ago gives way to a
 * new stream, so the one that it reads goes on.
 */
export class BlockShares {
  readonly #options: BlockSharesOptions;
  /** Who was served longest ago comes first. */
  readonly #peers = new Map<PeerId, PeerShares>();
  #bytes = 0;
  #waitingCount = 0;
  #cancelCheck: () => void = () => {};

  constructor(options: BlockSharesOptions) {
    this.#options = options;
  }

  /** Bytes that were read and are not yet handed over. */
  get bytesInFlight(): number {
    return this.#bytes;
  }

  /** Counts a GetBlocks in; `close` must follow. At the limit another one of the peer is ended. */
  open(call: BlockCall, signal: AbortSignal): BlockShare {
    const share: BlockShare = { call, signal, bytes: 0, turnAtMs: this.#nowMs };
    const peer = this.#peers.get(call.peerId) ?? newPeer();
    this.#peers.set(call.peerId, peer);
    peer.open.add(share);
    if (peer.open.size > this.#options.streamsPerPeer) this.#end(oldestOf(peer.open) ?? share, 'displaced');
    return share;
  }

  /**
   * Before each read: what the last one brought is handed over. Undefined when it may go on at once.
   * @throws {GrpcStatusError} RESOURCE_EXHAUSTED when it waited too long or gave way; what the signal aborts with
   */
  turn(share: BlockShare): Promise<void> | undefined {
    const peer = this.#peers.get(share.call.peerId);
    if (!peer?.open.has(share)) throw gaveWay();
    this.#count(share, peer, 0);
    if (peer.turnOf === share) this.#passTurn(share, peer);
    if (this.#waitingCount === 0 && this.#mayGo(peer)) {
      this.#go(share, peer);
      return undefined;
    }
    const turn = this.#wait(share, peer);
    this.#serveWaiting();
    return turn;
  }

  /** What the read brought, bytes. */
  took(share: BlockShare, bytes: number): void {
    const peer = this.#peers.get(share.call.peerId);
    if (peer?.open.has(share)) this.#count(share, peer, bytes);
  }

  /** May be called again. */
  close(share: BlockShare): void {
    const peer = this.#peers.get(share.call.peerId);
    if (!peer?.open.delete(share)) return;
    this.#count(share, peer, 0);
    if (peer.turnOf === share) peer.turnOf = undefined;
    peer.waiting.find((waiting) => waiting.share === share)?.settle(gaveWay());
    if (peer.open.size === 0) {
      peer.cancelSlowTurn();
      this.#peers.delete(share.call.peerId);
    }
    this.#serveWaiting();
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #end(share: BlockShare, reason: RefusalReason): void {
    this.#options.onRefused(reason);
    this.close(share);
    share.call.reset();
  }

  #mayGo(peer: PeerShares): boolean {
    const { bytesInFlight, maxReadBytes } = this.#options;
    if (peer.turnOf !== undefined) return false;
    const isBelowShare = peer.bytes < bytesInFlight / this.#peers.size;
    return isBelowShare && (this.#bytes === 0 || this.#bytes + maxReadBytes <= bytesInFlight);
  }

  #go(share: BlockShare, peer: PeerShares): void {
    const { peerId } = share.call;
    this.#peers.delete(peerId);
    this.#peers.set(peerId, peer);
    peer.turnOf = share;
    share.turnAtMs = this.#nowMs;
    this.#count(share, peer, this.#options.maxReadBytes);
  }

  /** Its batch is handed over. If others of its peer wait, they go on when it has left us, not to send side by side. */
  #passTurn(share: BlockShare, peer: PeerShares): void {
    const pass = () => {
      if (peer.turnOf !== share) return;
      peer.turnOf = undefined;
      this.#serveWaiting();
    };
    if (peer.waiting.length === 0) peer.turnOf = undefined;
    else void share.call.allSent().then(pass);
  }

  #count(share: BlockShare, peer: PeerShares, bytes: number): void {
    peer.bytes += bytes - share.bytes;
    this.#bytes += bytes - share.bytes;
    share.bytes = bytes;
  }

  /** A turn for each peer that waits and may go, those first that were served longest ago. */
  #serveWaiting(): void {
    if (this.#waitingCount === 0) return;
    for (const peer of [...this.#peers.values()]) {
      const [first] = peer.waiting;
      if (first !== undefined && this.#mayGo(peer)) {
        this.#go(first.share, peer);
        first.settle();
      }
      peer.cancelSlowTurn();
      if (peer.waiting.length > 0) this.#passSlowTurn(peer);
    }
  }

  #passSlowTurn(peer: PeerShares): void {
    const { turnOf } = peer;
    if (turnOf === undefined) return;
    const leftMs = turnOf.turnAtMs + SLOW_TURN_MS - this.#nowMs;
    peer.cancelSlowTurn = this.#options.clock.setTimeout(() => {
      if (peer.turnOf === turnOf) peer.turnOf = undefined;
      this.#serveWaiting();
    }, leftMs);
  }

  #wait(share: BlockShare, peer: PeerShares): Promise<void> {
    const { signal } = share;
    return new Promise((resolve, reject) => {
      const onAbort = () => waiting.settle(signal.reason);
      const waiting: Waiting = {
        share,
        sinceMs: this.#nowMs,
        settle: (error) => {
          signal.removeEventListener('abort', onAbort);
          peer.waiting.splice(peer.waiting.indexOf(waiting), 1);
          this.#waitingCount -= 1;
          if (this.#waitingCount === 0) this.#cancelCheck();
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      peer.waiting.push(waiting);
      this.#waitingCount += 1;
      if (this.#waitingCount === 1) this.#checkLater();
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Runs while somebody waits. */
  #checkLater(): void {
    this.#cancelCheck = this.#options.clock.setTimeout(() => {
      this.#checkLater();
      this.#check();
    }, CHECK_MS);
  }

  #check(): void {
    const nowMs = this.#nowMs;
    const peers = [...this.#peers.values()];
    for (const { sinceMs, settle } of peers.flatMap(({ waiting }) => waiting)) {
      if (nowMs - sinceMs < MAX_WAIT_MS) continue;
      this.#options.onRefused('waited');
      settle(waitedTooLong());
    }
    const holding = peers.flatMap(({ open }) => [...open]).filter(({ bytes }) => bytes > 0);
    const slowest = oldestOf(holding);
    if (this.#waitingCount === 0 || slowest === undefined) return;
    if (nowMs - slowest.turnAtMs >= SHED_AFTER_MS) this.#end(slowest, 'slowest');
  }
}

function gaveWay(): GrpcStatusError {
  return new GrpcStatusError(GrpcStatus.RESOURCE_EXHAUSTED, 'gave way to another block stream');
}

function waitedTooLong(): GrpcStatusError {
  return new GrpcStatusError(GrpcStatus.RESOURCE_EXHAUSTED, 'too many block streams');
}
