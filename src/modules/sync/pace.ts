/** A block that is larger counts once for each of these, so that large blocks do not look slow. */
const BLOCK_BYTES = 64 * 1_024;

export interface PaceLimits {
  readonly blockTimeoutMs: number;
  readonly slowPeerBlocks: number;
}

export interface SlowSpell {
  readonly blocks: number;
  readonly waitedMs: number;
}

/**
 * Finds a peer that stays just inside the deadline of each block. Only the time spent waiting for the peer counts, not
 * that for storing.
 */
export class Pace {
  private blocks = 0;
  private weight = 0;
  private waitedMs = 0;

  constructor(private readonly limits: PaceLimits) {}

  /** Takes a block's size and how long it was waited for; says so when a blockTimeoutMs of waiting brought too little. */
  measure(blockBytes: number, waitedMs: number): SlowSpell | undefined {
    this.blocks += 1;
    this.weight += Math.max(1, Math.ceil(blockBytes / BLOCK_BYTES));
    this.waitedMs += waitedMs;
    if (this.waitedMs < this.limits.blockTimeoutMs) return undefined;
    const spell = { blocks: this.blocks, waitedMs: this.waitedMs };
    const isSlow = this.weight < this.limits.slowPeerBlocks;
    this.blocks = 0;
    this.weight = 0;
    this.waitedMs = 0;
    return isSlow ? spell : undefined;
  }
}
