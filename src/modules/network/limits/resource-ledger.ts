import type { NetworkLimits } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import type { PeerId, ProtocolId } from '../ports/types.js';
import {
  copyOf,
  emptyTally,
  type LedgerUsage,
  OTHER_PROTOCOL,
  type ResourceUsage,
  type Tally,
} from './resource-usage.js';

/** Streams just closed count until they are gone, so the wall stands behind the limit at which idle ones are closed. */
const STREAM_WALL = 2;

/** What is held: bytes that wait in buffers, streams that peers opened, calls under way. */
export type HeldResource = 'memory' | 'streams' | 'calls';

/** Whose limit it is: one peer's, one peer's on one protocol, or that of all peers. */
export type LimitScope = 'peer' | 'protocol' | 'total';

export interface Holder {
  readonly peerId: PeerId;
  /** One of those that we speak: usage is kept for each. */
  readonly protocol: ProtocolId;
}

/** Something held. It may grow and shrink until it is released. */
export interface Reservation {
  /** Does nothing once it is released. @throws {NetworkError} NETWORK.LIMIT_REACHED, and it stays as it was */
  resize(amount: number): void;
  /** May be called again. */
  release(): void;
}

/** Counts the bytes of one connection or stream. */
export interface ByteMeter {
  received(bytes: number): void;
  sent(bytes: number): void;
}

export interface Refusal {
  readonly peerId: PeerId;
  readonly resource: HeldResource;
  /** A peer is only to blame for what was its own limit, or its own on a protocol. */
  readonly scope: LimitScope;
  readonly error: NetworkError;
}

export interface ResourceLedgerOptions {
  readonly limits: Pick<
    NetworkLimits,
    | 'memoryBytes'
    | 'memoryBytesPerPeer'
    | 'streams'
    | 'streamsPerPeer'
    | 'streamsPerProtocol'
    | 'calls'
    | 'callsPerPeer'
  >;
  onRefused(refusal: Refusal): void;
}

interface PeerAccount extends Tally {
  readonly held: Set<Reservation>;
  readonly streamsByProtocol: Map<ProtocolId, number>;
  /** Connections that count their bytes here. */
  meters: number;
}

/** What peers cost us, by peer, by protocol and in all; refuses what goes beyond the limits. */
export class ResourceLedger {
  /** Inbound connections whose handshake runs. Kept by the gate, which evicts and never refuses. */
  pendingHandshakes = 0;
  readonly #limits: Readonly<Record<HeldResource, Readonly<Record<LimitScope, number>>>>;
  readonly #onRefused: ResourceLedgerOptions['onRefused'];
  readonly #total = emptyTally();
  readonly #protocols = new Map<ProtocolId, Tally>();
  readonly #peers = new Map<PeerId, PeerAccount>();

  constructor({ limits, onRefused }: ResourceLedgerOptions) {
    const protocol = Number.POSITIVE_INFINITY;
    this.#limits = {
      memory: { peer: limits.memoryBytesPerPeer, protocol, total: limits.memoryBytes },
      calls: { peer: limits.callsPerPeer, protocol, total: limits.calls },
      streams: {
        peer: limits.streamsPerPeer,
        protocol: STREAM_WALL * limits.streamsPerProtocol,
        total: limits.streams,
      },
    };
    this.#onRefused = onRefused;
  }

  /** @throws {NetworkError} NETWORK.LIMIT_REACHED */
  reserve(resource: HeldResource, amount: number, holder: Holder): Reservation {
    const peer = this.#accountOf(holder.peerId);
    const ofProtocol = this.#tallyOf(holder.protocol);
    let held = 0;
    let isReleased = false;
    const resize = (wanted: number) => {
      if (isReleased || wanted === held) return;
      const delta = wanted - held;
      if (delta > 0) this.#check(resource, delta, holder, peer);
      peer[resource] += delta;
      ofProtocol[resource] += delta;
      this.#total[resource] += delta;
      if (resource === 'streams') addTo(peer.streamsByProtocol, holder.protocol, delta);
      held = wanted;
    };
    const release = () => {
      resize(0);
      isReleased = true;
      peer.held.delete(reservation);
      this.#closeIfUnused(holder.peerId, peer);
    };
    const reservation = { resize, release };
    peer.held.add(reservation);
    try {
      resize(amount);
    } catch (error) {
      release();
      throw error;
    }
    return reservation;
  }

  /** The peer's last connection closed: whatever it held is free. */
  forget(peerId: PeerId): void {
    for (const held of this.#peers.get(peerId)?.held ?? []) held.release();
  }

  /** Counts the bytes of one connection; `end` when it closed. */
  meterConnection(peerId: PeerId): ByteMeter & { end(): void } {
    const peer = this.#accountOf(peerId);
    const total = this.#total;
    let isOpen = true;
    peer.meters += 1;
    return {
      received(bytes) {
        peer.receivedBytes += bytes;
        total.receivedBytes += bytes;
      },
      sent(bytes) {
        peer.sentBytes += bytes;
        total.sentBytes += bytes;
      },
      end: () => {
        if (isOpen) peer.meters -= 1;
        isOpen = false;
        this.#closeIfUnused(peerId, peer);
      },
    };
  }

  /** Counts the bytes of streams of one protocol, which are part of those of their connections. */
  meterProtocol(protocol: ProtocolId): ByteMeter {
    const tally = this.#tallyOf(protocol);
    return {
      received(bytes) {
        tally.receivedBytes += bytes;
      },
      sent(bytes) {
        tally.sentBytes += bytes;
      },
    };
  }

  /** A snapshot; the caller owns it. */
  usage(): LedgerUsage {
    const protocols = new Map<ProtocolId, ResourceUsage>();
    const rest = {
      ...emptyTally(),
      receivedBytes: this.#total.receivedBytes,
      sentBytes: this.#total.sentBytes,
    };
    for (const [protocol, tally] of this.#protocols) {
      protocols.set(protocol, { ...tally });
      rest.receivedBytes -= tally.receivedBytes;
      rest.sentBytes -= tally.sentBytes;
    }
    // What a stream took has not always left through its connection yet.
    rest.receivedBytes = Math.max(0, rest.receivedBytes);
    rest.sentBytes = Math.max(0, rest.sentBytes);
    protocols.set(OTHER_PROTOCOL, rest);
    const peers = new Map<PeerId, ResourceUsage>();
    for (const [peerId, account] of this.#peers) peers.set(peerId, copyOf(account));
    return { total: { ...this.#total, handshakes: this.pendingHandshakes }, protocols, peers };
  }

  /** What one peer costs; undefined when it is neither connected nor holds anything. */
  usageOf(peerId: PeerId): ResourceUsage | undefined {
    const account = this.#peers.get(peerId);
    return account && copyOf(account);
  }

  #check(resource: HeldResource, delta: number, { peerId, protocol }: Holder, peer: PeerAccount): void {
    const limits = this.#limits[resource];
    const ofProtocol = resource === 'streams' ? (peer.streamsByProtocol.get(protocol) ?? 0) : 0;
    if (ofProtocol + delta > limits.protocol) this.#refuse(peerId, resource, 'protocol', limits.protocol);
    if (peer[resource] + delta > limits.peer) this.#refuse(peerId, resource, 'peer', limits.peer);
    if (this.#total[resource] + delta > limits.total) this.#refuse(peerId, resource, 'total', limits.total);
  }

  #refuse(peerId: PeerId, resource: HeldResource, scope: LimitScope, limit: number): never {
    const error = new NetworkError({ code: 'NETWORK.LIMIT_REACHED', peerId, resource, scope, limit });
    this.#onRefused({ peerId, resource, scope, error });
    throw error;
  }

  #tallyOf(protocol: ProtocolId): Tally {
    const tally = this.#protocols.get(protocol) ?? emptyTally();
    this.#protocols.set(protocol, tally);
    return tally;
  }

  #accountOf(peerId: PeerId): PeerAccount {
    const known = this.#peers.get(peerId);
    if (known !== undefined) return known;
    const account = {
      ...emptyTally(),
      held: new Set<Reservation>(),
      streamsByProtocol: new Map(),
      meters: 0,
    };
    this.#peers.set(peerId, account);
    return account;
  }

  #closeIfUnused(peerId: PeerId, account: PeerAccount): void {
    if (account.meters > 0 || account.held.size > 0) return;
    if (this.#peers.get(peerId) === account) this.#peers.delete(peerId);
  }
}

function addTo<Key>(counts: Map<Key, number>, key: Key, delta: number): void {
  counts.set(key, (counts.get(key) ?? 0) + delta);
}
