import type { LimitedResource, LimitMetrics } from './limit-metrics.js';
import type { LimitScope } from './resource-ledger.js';

/** Counts what limits refuse, beside the metrics, which may be switched off. */
export class RefusalCounts {
  readonly #counts = new Map<string, number>();

  /** The same metrics; what they are told of refusals is counted here too. */
  beside<Metrics extends LimitMetrics>(metrics: Metrics): Metrics {
    return {
      ...metrics,
      limitRefused: (resource, scope) => {
        const key = `${resource} ${scope}`;
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
        metrics.limitRefused(resource, scope);
      },
    };
  }

  /** @param scope Any, without. */
  of(resource: LimitedResource, scope?: LimitScope): number {
    if (scope !== undefined) return this.#counts.get(`${resource} ${scope}`) ?? 0;
    return [...this.#counts].reduce(
      (sum, [key, count]) => sum + (key.startsWith(`${resource} `) ? count : 0),
      0,
    );
  }
}
