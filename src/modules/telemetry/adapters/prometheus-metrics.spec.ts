import { describe, expect, it } from '@jest/globals';
import { PrometheusMetrics } from './prometheus-metrics.js';

describe('PrometheusMetrics', () => {
  it('counts, sets and observes, with labels and without', async () => {
    const metrics = new PrometheusMetrics();
    const counter = metrics.counter({ name: 'c_total', help: 'c', labels: ['kind'] });
    counter.inc(1, { kind: 'a' });
    counter.inc(2, { kind: 'a' });
    metrics.counter({ name: 'd_total', help: 'd' }).inc();
    metrics.gauge({ name: 'g', help: 'g' }).set(7);
    metrics.gauge({ name: 'h', help: 'h', labels: ['kind'] }).set(8, { kind: 'b' });
    const histogram = metrics.histogram({ name: 's_seconds', help: 's', buckets: [1, 5] });
    histogram.observe(0.5);
    histogram.observe(3);
    const text = await metrics.expose();
    for (const line of [
      'c_total{kind="a"} 3',
      'd_total 1',
      'g 7',
      'h{kind="b"} 8',
      's_seconds_bucket{le="1"} 1',
      's_seconds_bucket{le="5"} 2',
      's_seconds_sum 3.5',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('takes a second definition for the same metric', async () => {
    const metrics = new PrometheusMetrics();
    metrics.counter({ name: 'c_total', help: 'c' }).inc();
    metrics.counter({ name: 'c_total', help: 'c' }).inc();
    expect(await metrics.expose()).toContain('c_total 2');
    expect(() => metrics.gauge({ name: 'c_total', help: 'c' })).toThrow(/c_total/);
  });

  it('shares nothing with another one', async () => {
    new PrometheusMetrics().counter({ name: 'c_total', help: 'c' }).inc();
    expect(await new PrometheusMetrics().expose()).not.toContain('c_total');
  });
});
