import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { NEVER, type Observable, of, throwError } from 'rxjs';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { MetricLabels } from '../../common/metrics.port.js';
import { NoMetrics } from '../../common/metrics.port.js';
import { CallMetricsInterceptor } from './call-metrics.interceptor.js';
import { SystemError } from './system.errors.js';
import { createSystemMetrics } from './system.metrics.js';

describe(CallMetricsInterceptor.name, () => {
  let observed: [number, MetricLabels | undefined][];
  let clock: ManualClock;
  let sut: CallMetricsInterceptor;

  beforeEach(() => {
    observed = [];
    clock = new ManualClock();
    const registry = Object.assign(new NoMetrics(), {
      histogram: () => ({
        observe: (value: number, labels?: MetricLabels) => observed.push([value, labels]),
      }),
    });
    sut = new CallMetricsInterceptor(createSystemMetrics(registry as never), clock);
  });

  const call = (result$: Observable<unknown>) => {
    const context = { getHandler: () => function getStatus() {} } as unknown as ExecutionContext;
    const subscription = sut
      .intercept(context, { handle: () => result$ })
      .subscribe({ error: () => undefined });
    return subscription;
  };

  it('counts an answer, with its time in seconds', () => {
    const context = { getHandler: () => function getStatus() {} } as unknown as ExecutionContext;
    const answer = sut.intercept(context, { handle: () => of(1) });
    clock.advance(500);
    answer.subscribe();
    expect(observed).toEqual([[0.5, { method: 'GetStatus', status: 'OK' }]]);
  });

  it('counts a refusal by its status', () => {
    call(throwError(() => new SystemError({ code: 'SYSTEM.BLOCK_NOT_FOUND', number: 1n })));
    expect(observed).toEqual([[0, { method: 'GetStatus', status: 'NotFound' }]]);
  });

  it('counts a stream that its caller left', () => {
    call(NEVER).unsubscribe();
    expect(observed).toEqual([[0, { method: 'GetStatus', status: 'Cancelled' }]]);
  });
});
