import { createHash } from 'node:crypto';
import { peerIdBytes } from '../address/peer-id.js';
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

/**
 * The peers that may be told to others. It holds peers whose handshake is done and nothing that was only heard of,
 * so slots bound it and nobody can fill it with inventions.
 *
 * @see polygon-edge@597a0f3 network/server_discovery.go setupDiscovery
 * @remarks Differs: one flat list in place of k-buckets of 20, from which the Go client's "insufficient capacity" comes.
 */
export class RoutingTable {
  readonly #peers = new Map<PeerId, KadId>();

  get size(): number {
    return this.#peers.size;
  }

  add(peerId: PeerId): void {
    if (!this.#peers.has(peerId)) this.#peers.set(peerId, kadIdOfPeer(peerId));
  }

  remove(peerId: PeerId): void {
    this.#peers.delete(peerId);
  }

  /** The `count` peers nearest to the target, nearest first. */
  nearest(target: KadId, count: number): PeerId[] {
    return [...this.#peers]
      .sort(([, a], [, b]) => compareDistance(target, a, b))
      .slice(0, count)
      .map(([peerId]) => peerId);
  }
}

function sha256(bytes: Uint8Array): KadId {
  return createHash('sha256').update(bytes).digest();
}
