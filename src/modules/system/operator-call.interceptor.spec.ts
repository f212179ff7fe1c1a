import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { NEVER, type Observable, of, throwError } from 'rxjs';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { MetricLabels } from '../../common/metrics.port.js';
import { NoMetrics } from '../../common/metrics.port.js';
import { OperatorCallInterceptor } from './operator-call.interceptor.js';
import { SystemController } from './system.controller.js';
import { SystemError } from './system.errors.js';
import { createSystemMetrics } from './system.metrics.js';

describe(OperatorCallInterceptor.name, () => {
  let observed: [number, MetricLabels | undefined][];
  let clock: ManualClock;
  let sut: OperatorCallInterceptor;

  beforeEach(() => {
    observed = [];
    clock = new ManualClock();
    const registry = Object.assign(new NoMetrics(), {
      histogram: () => ({
        observe: (value: number, labels?: MetricLabels) => observed.push([value, labels]),
      }),
    });
    sut = new OperatorCallInterceptor(createSystemMetrics(registry as never), clock);
  });

  const contextOf = (request: unknown) =>
    ({
      getHandler: () => SystemController.prototype.getStatus,
      switchToRpc: () => ({ getData: () => request }),
    }) as unknown as ExecutionContext;

  const call = (result$: Observable<unknown>) => {
    return sut.intercept(contextOf({}), { handle: () => result$ }).subscribe({ error: () => undefined });
  };

  it('counts an answer, with its time in seconds', () => {
    const answer = sut.intercept(contextOf({}), { handle: () => of(1) });
    clock.advance(500);
    answer.subscribe();
    expect(observed).toEqual([[0.5, { method: 'System/GetStatus', status: 'OK' }]]);
  });

  it('counts a refusal by its status', () => {
    call(throwError(() => new SystemError({ code: 'SYSTEM.BLOCK_NOT_FOUND', number: 1n })));
    expect(observed).toEqual([[0, { method: 'System/GetStatus', status: 'NotFound' }]]);
  });

  it('refuses a request that could not be decoded, and asks no handler', () => {
    const undecodable = new SystemError({ code: 'SYSTEM.REQUEST_UNDECODABLE', path: '/v1', reason: 'r' });
    let error: unknown;
    sut.intercept(contextOf(undecodable), { handle: () => of('handled') }).subscribe({
      error: (failure: unknown) => {
        error = failure;
      },
    });
    expect(error).toBe(undecodable);
    expect(observed).toEqual([[0, { method: 'System/GetStatus', status: 'InvalidArgument' }]]);
  });

  it('counts a stream that its caller left', () => {
    call(NEVER).unsubscribe();
    expect(observed).toEqual([[0, { method: 'System/GetStatus', status: 'Cancelled' }]]);
  });
});
