import type { Random } from '../../common/random.js';

export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** How long to wait after failures in a row: doubles up to the maximum, the upper half of it random. */
export class Backoff {
  constructor(
    private readonly limits: BackoffLimits,
    private readonly random: Random,
  ) {}

  /** @param failures How many in a row, from 1. */
  afterMs(failures: number): number {
    const { baseMs, maxMs } = this.limits;
    const ceilingMs = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
    const halfMs = Math.floor(ceilingMs / 2);
    return ceilingMs - halfMs + this.random.below(halfMs + 1);
  }
}
