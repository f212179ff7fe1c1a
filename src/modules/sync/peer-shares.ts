import type { PeerStreamCall } from '../network/index.js';

/** The call of one GetBlocks, as far as it matters here. */
export type BlockCall = Pick<PeerStreamCall, 'peerId' | 'allSent' | 'reset'>;

/** The right of one GetBlocks to read the store. */
export interface BlockShare {
  readonly call: BlockCall;
  readonly signal: AbortSignal;
  /** Read and not yet handed over. */
  bytes: number;
  /** Of its last turn, or when it was opened. */
  turnAtMs: number;
}

/** A stream that waits for its turn. */
export interface Waiting {
  readonly share: BlockShare;
  readonly sinceMs: number;
  settle(error?: unknown): void;
}

/** The streams of one peer. */
export interface PeerShares {
  readonly open: Set<BlockShare>;
  readonly waiting: Waiting[];
  /** The one that reads, or hands over what it read. */
  turnOf: BlockShare | undefined;
  bytes: number;
  cancelSlowTurn(): void;
}

export function newPeer(): PeerShares {
  return { open: new Set(), waiting: [], turnOf: undefined, bytes: 0, cancelSlowTurn: () => {} };
}

/** The one that was served longest ago. */
export function oldestOf(shares: Iterable<BlockShare>): BlockShare | undefined {
  let oldest: BlockShare | undefined;
  for (const share of shares)
    if (share.turnAtMs < (oldest?.turnAtMs ?? Number.POSITIVE_INFINITY)) oldest = share;
  return oldest;
}
