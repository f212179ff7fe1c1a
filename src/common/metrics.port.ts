export const METRICS = Symbol('METRICS');

export type MetricLabels = Readonly<Record<string, string>>;

export interface Counter {
  inc(by?: number, labels?: MetricLabels): void;
}

export interface Gauge {
  set(value: number, labels?: MetricLabels): void;
}

export interface Histogram {
  observe(value: number, labels?: MetricLabels): void;
}

/** One definition per metric. Names read `edgekeeper_<module>_<thing>_<unit|total>`; labels have few values, never a peer ID. */
export interface MetricDefinition {
  name: string;
  help: string;
  labels?: readonly string[];
}

export interface MetricsRegistry {
  counter(definition: MetricDefinition): Counter;
  gauge(definition: MetricDefinition): Gauge;
  /** Buckets are upper bounds in the metric's unit. */
  histogram(definition: MetricDefinition & { buckets: readonly number[] }): Histogram;
}

/** Counts nothing; for tests and for a node without --prometheus. */
export class NoMetrics implements MetricsRegistry {
  counter(): Counter {
    return { inc() {} };
  }

  gauge(): Gauge {
    return { set() {} };
  }

  histogram(): Histogram {
    return { observe() {} };
  }
}
