import { createHash } from 'node:crypto';
import { peerIdBytes } from '../address/peer-id.js';
import type { NetworkMetrics } from '../network.metrics.js';
import type { PeerId } from '../ports/types.js';

/** Where peers and keys lie: 32 bytes, nearness by XOR. */
export type KadId = Buffer;

/** @see go-libp2p-kbucket@v0.6.3 util.go ConvertPeerID */
export function kadIdOfPeer(peerId: PeerId): KadId {
  return sha256(peerIdBytes(peerId));
}

/**
 * Hashes the text, also when it is a peer ID in base58, so "nearest" to an ID is an arbitrary but stable order.
 *
 * @see go-libp2p-kbucket@v0.6.3 util.go ConvertKey
 */
export function kadIdOfKey(key: string): KadId {
  return sha256(Buffer.from(key, 'utf8'));
}

/** Below 0 when `a` is nearer to the target than `b`. */
export function compareDistance(target: KadId, a: KadId, b: KadId): number {
  for (const [i, byte] of target.entries()) {
    const difference = (byte ^ a.readUInt8(i)) - (byte ^ b.readUInt8(i));
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How many bits two places have in common, from the first on: 0 to 256. */
export function commonPrefixBits(a: KadId, b: KadId): number {
  for (const [i, byte] of a.entries()) {
    const difference = byte ^ b.readUInt8(i);
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return 8 * a.length;
}

interface Bucket {
  readonly members: Map<PeerId, KadId>;
  /** Peers without a place here, the longest waiting first. */
  readonly waiting: Map<PeerId, KadId>;
}

/**
 * The peers that may be told to others, in buckets by how near they are to us. It holds peers whose handshake is done and
 * nothing that was only heard of, so slots bound it and nobody can fill it with inventions. A peer whose bucket is full
 * is a peer like others; it waits for a place.
 *
 * @see polygon-edge@597a0f3 network/server_discovery.go setupDiscovery
 * @remarks Differs: dials do not depend on it, and places that come free are filled again.
 */
export class RoutingTable {
  readonly #self: KadId;
  /** By bits in common with us. The reference splits its last bucket as it fills, which admits the same peers. */
  readonly #buckets = new Map<number, Bucket>();

  /** @param bucketSize peers per bucket */
  constructor(
    self: PeerId,
    private readonly bucketSize: number,
    private readonly metrics: Pick<NetworkMetrics, 'bucketFull'>,
  ) {
    this.#self = kadIdOfPeer(self);
  }

  /** Peers that may be told. */
  get size(): number {
    return this.#members().length;
  }

  /** False when the peer's bucket is full. */
  add(peerId: PeerId): boolean {
    const id = kadIdOfPeer(peerId);
    const { members, waiting } = this.#bucketOf(id);
    if (members.has(peerId)) return true;
    const hasPlace = members.size < this.bucketSize;
    if (!hasPlace && !waiting.has(peerId)) this.metrics.bucketFull();
    (hasPlace ? members : waiting).set(peerId, id);
    return hasPlace;
  }

  /** Its place goes to the one that waited longest for it. */
  remove(peerId: PeerId): void {
    const { members, waiting } = this.#bucketOf(kadIdOfPeer(peerId));
    waiting.delete(peerId);
    if (!members.delete(peerId)) return;
    for (const [next, id] of waiting) {
      waiting.delete(next);
      members.set(next, id);
      return;
    }
  }

  /** The `count` peers nearest to the target, nearest first. */
  nearest(target: KadId, count: number): PeerId[] {
    return this.#members()
      .sort(([, a], [, b]) => compareDistance(target, a, b))
      .slice(0, count)
      .map(([peerId]) => peerId);
  }

  #members(): [PeerId, KadId][] {
    return [...this.#buckets.values()].flatMap(({ members }) => [...members]);
  }

  #bucketOf(id: KadId): Bucket {
    const bits = commonPrefixBits(this.#self, id);
    const bucket = this.#buckets.get(bits) ?? { members: new Map(), waiting: new Map() };
    this.#buckets.set(bits, bucket);
    return bucket;
  }
}

function sha256(bytes: Uint8Array): KadId {
  return createHash('sha256').update(bytes).digest();
}
