import 'reflect-metadata';
import { type CallHandler, type ExecutionContext, Inject, type NestInterceptor } from '@nestjs/common';
import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { type Observable, tap, throwError } from 'rxjs';
import { CLOCK, type Clock } from '../../common/clock.js';
import { GrpcStatus } from '../../common/grpc-status.js';
import { grpcStatusFor } from './grpc-status.mapper.js';
import { SystemError } from './system.errors.js';
import { SYSTEM_METRICS, type SystemMetrics } from './system.metrics.js';

interface GrpcPattern {
  readonly service: string;
  readonly rpc: string;
}

/**
 * Counts each operator call once, when it ends: answered, refused, or left by the caller. A request that could not be
 * decoded comes as the error itself and is refused here.
 */
export class OperatorCallInterceptor implements NestInterceptor {
  constructor(
    @Inject(SYSTEM_METRICS) private readonly metrics: SystemMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const startedAtMs = this.clock.monotonicMs();
    const method = methodOf(context);
    const finished = (status: number) =>
      this.metrics.callFinished(method, status, this.clock.monotonicMs() - startedAtMs);
    const request: unknown = context.switchToRpc().getData();
    const result$ = request instanceof SystemError ? throwError(() => request) : next.handle();
    return result$.pipe(
      tap({
        complete: () => finished(GrpcStatus.OK),
        error: (error: unknown) => finished(grpcStatusFor(error).code),
        unsubscribe: () => finished(GrpcStatus.CANCELLED),
      }),
    );
  }
}

/** As @GrpcMethod names it, such as `System/GetStatus`. */
function methodOf(context: ExecutionContext): string {
  const [{ service, rpc }] = Reflect.getMetadata(PATTERN_METADATA, context.getHandler()) as [GrpcPattern];
  return `${service}/${rpc}`;
}
