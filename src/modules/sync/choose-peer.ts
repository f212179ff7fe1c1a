import type { PeerId } from '../network/index.js';

/** What a peer says of its head. A claim, not a fact. */
export interface HeightClaim {
  readonly peerId: PeerId;
  readonly number: number;
  /** XOR distance between the SHA-256 of its ID and of ours. */
  readonly distance: bigint;
}

/**
 * The order in which peers are asked: the highest claim first, the nearest peer where claims are equal.
 * @see polygon-edge@597a0f3 syncer/peers.go BestPeer
 */
export function inOrderOfUse(claims: readonly HeightClaim[]): readonly HeightClaim[] {
  return [...claims].sort((a, b) => b.number - a.number || (a.distance < b.distance ? -1 : 1));
}

/**
 * The claimed height as a number; undefined when no chain can be that high.
 * @param head Our own height; -1 while there is no genesis.
 */
export function plausibleHeight(claimed: bigint, head: number, maxClaimAhead: number): number | undefined {
  if (claimed > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const height = Number(claimed);
  return height - head > maxClaimAhead ? undefined : height;
}
