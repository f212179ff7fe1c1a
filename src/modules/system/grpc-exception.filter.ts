import { Catch, Inject, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import { errorFields } from '../../common/app-error.js';
import { GrpcStatus } from '../../common/grpc-status.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { grpcStatusFor } from './grpc-status.mapper.js';

/** Turns whatever a handler threw into a gRPC status; a bug (INTERNAL) is logged, a refusal is not. */
@Catch()
export class GrpcExceptionFilter implements RpcExceptionFilter {
  private readonly log: Logger;

  constructor(@Inject(LOGGER) logger: Logger) {
    this.log = logger.child('system');
  }

  catch(error: unknown): Observable<never> {
    const status = grpcStatusFor(error);
    if (status.code === GrpcStatus.INTERNAL) {
      this.log.error('a gRPC handler failed', { ...errorFields(error), stack: (error as Error)?.stack });
    }
    return throwError(() => status);
  }
}
