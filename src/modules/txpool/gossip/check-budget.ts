import type { Clock } from '../../../common/clock.js';

/** So many checks a second, and as many at once after a quiet second. */
export class CheckBudget {
  private left: number;
  private atMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
  ) {
    this.left = perSecond;
    this.atMs = clock.monotonicMs();
  }

  /** False when there is none left. */
  take(): boolean {
    const nowMs = this.clock.monotonicMs();
    const earned = ((nowMs - this.atMs) / 1_000) * this.perSecond;
    this.left = Math.min(this.perSecond, this.left + earned);
    this.atMs = nowMs;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
