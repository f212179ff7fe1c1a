import type { PeerId } from '../network/index.js';

/** What a peer says of its head. A claim, not a fact. */
export interface HeightClaim {
  readonly peerId: PeerId;
  readonly number: number;
  /** XOR distance between the SHA-256 of its ID and of ours. */
  readonly distance: bigint;
}

export interface PeerChoice {
  readonly claims: readonly HeightClaim[];
  /** Our own height; -1 while there is no genesis. */
  readonly head: number;
  readonly isSkipped: (peerId: PeerId) => boolean;
}

/**
 * The peer to fetch from: the highest claim above our head, the nearest peer where claims are equal.
 * @see polygon-edge@597a0f3 syncer/peers.go BestPeer
 */
export function choosePeer({ claims, head, isSkipped }: PeerChoice): HeightClaim | undefined {
  let best: HeightClaim | undefined;
  for (const claim of claims) {
    if (claim.number <= head || isSkipped(claim.peerId)) continue;
    if (best === undefined || isBetter(claim, best)) best = claim;
  }
  return best;
}

function isBetter(a: HeightClaim, b: HeightClaim): boolean {
  return a.number === b.number ? a.distance < b.distance : a.number > b.number;
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
