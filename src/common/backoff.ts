import type { Random } from './random.js';

export interface BackoffLimits {
  /** The first wait, ms; doubles with each failure in a row. */
  readonly baseMs: number;
  /** The longest wait, ms. */
  readonly maxMs: number;
}

/** How long to wait after failures in a row. */
export class Backoff {
  constructor(
    private readonly limits: BackoffLimits,
    private readonly random: Random,
  ) {}

  /**
   * Between half and all of base·2^(failures-1), capped at the maximum, ms. The half that is random keeps nodes that
   * lost the same peer from coming back together.
   * @param failures How many in a row, from 1.
   */
  afterMs(failures: number): number {
    const { baseMs, maxMs } = this.limits;
    const fullMs = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
    return Math.ceil(fullMs / 2) + this.random.below(Math.floor(fullMs / 2) + 1);
  }
}
