import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type * as metrics from '../../../common/metrics.port.js';

/** Metrics for Prometheus, on a registry of their own. A name that is defined again is the same metric. */
export class PrometheusMetrics implements metrics.MetricsRegistry {
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  counter(definition: metrics.MetricDefinition): metrics.Counter {
    const counter = this.define(definition, Counter, (options) => new Counter(options));
    return { inc: (by = 1, labels = {}) => counter.inc({ ...labels }, by) };
  }

  gauge(definition: metrics.MetricDefinition): metrics.Gauge {
    const gauge = this.define(definition, Gauge, (options) => new Gauge(options));
    return { set: (value, labels = {}) => gauge.set({ ...labels }, value) };
  }

  histogram(definition: metrics.MetricDefinition & { buckets: readonly number[] }): metrics.Histogram {
    const buckets = [...definition.buckets];
    const histogram = this.define(definition, Histogram, (options) => new Histogram({ ...options, buckets }));
    return { observe: (value, labels = {}) => histogram.observe({ ...labels }, value) };
  }

  /** The type of `expose()`. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics as Prometheus reads them. */
  expose(): Promise<string> {
    return this.registry.metrics();
  }

  private define<T>(
    { name, help, labels = [] }: metrics.MetricDefinition,
    kind: abstract new (...given: never[]) => T,
    create: (options: { name: string; help: string; labelNames: string[]; registers: Registry[] }) => T,
  ): T {
    const existing: unknown = this.registry.getSingleMetric(name);
    if (existing === undefined)
      return create({ name, help, labelNames: [...labels], registers: [this.registry] });
    if (!(existing instanceof kind)) throw new Error(`metric ${name} is already of another type`);
    return existing;
  }
}
