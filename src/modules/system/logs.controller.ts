import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller, Inject, UseInterceptors } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { concat, filter, from, map, type Observable } from 'rxjs';
import { boundedStream } from '../../common/bounded-stream.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import type { StreamCall } from '../../common/stream-call.js';
import type { LogLevelsSchema, LogsRequest, SetLogLevelRequest } from '../../gen/edgekeeper/v1/node_pb.js';
import { callerOf } from '../access/index.js';
import { LOG_FEED, LOG_LEVELS, type LogFeed, type LogLevels } from '../telemetry/index.js';
import { isWanted, type LogEntryInit, toLogEntry, toLogLevels, toThreshold } from './node.mapper.js';
import { OperatorCallInterceptor } from './operator-call.interceptor.js';
import { OPERATOR_CLOSING } from './ports/operator-closing.port.js';
import { SYSTEM_CONFIG, type SystemConfig } from './system.config.js';
import { SystemError } from './system.errors.js';

/** Modules with levels of their own; many more than there are. */
const MAX_MODULE_LEVELS = 64;

/** What the node says, as the service Node gives it. */
@Controller()
@UseInterceptors(OperatorCallInterceptor)
export class LogsController {
  private readonly log: Logger;

  constructor(
    @Inject(LOG_FEED) private readonly feed: LogFeed,
    @Inject(LOG_LEVELS) private readonly levels: LogLevels,
    @Inject(SYSTEM_CONFIG) private readonly config: Pick<SystemConfig, 'subscriberCapacity'>,
    @Inject(OPERATOR_CLOSING) private readonly closing: AbortSignal,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('system');
  }

  /** Says nothing in the log itself: its readers would read that. */
  @GrpcMethod('Node', 'Logs')
  logs(request: LogsRequest, _metadata: unknown, call: StreamCall<unknown>): Observable<never> {
    const before = this.feed.recent(request.recent);
    const entries$ = concat(from(before), this.feed.entries$).pipe(
      filter((entry) => isWanted(entry, request)),
      map(toLogEntry),
    );
    return boundedStream<LogEntryInit>(call, entries$, {
      // What was said before comes all at once, which is no fault of the reader.
      capacity: this.config.subscriberCapacity + before.length,
      onOverflow: () => new SystemError({ code: 'SYSTEM.LOG_READER_TOO_SLOW' }),
      closing: this.closing,
    });
  }

  @GrpcMethod('Node', 'GetLogLevels')
  getLogLevels(): MessageInitShape<typeof LogLevelsSchema> {
    return toLogLevels(this.levels);
  }

  @GrpcMethod('Node', 'SetLogLevel')
  setLogLevel(
    { level, module }: SetLogLevelRequest,
    metadata: unknown,
  ): MessageInitShape<typeof LogLevelsSchema> {
    const threshold = toThreshold(level);
    if (module === '') {
      if (threshold === undefined) throw invalid('Level', 'value is required');
      this.levels.setAll(threshold);
    } else {
      this.setModule(module, threshold);
    }
    const fields = { of: module === '' ? 'all' : module, to: threshold ?? 'default' };
    this.log.info('log level changed', { ...fields, caller: callerOf(metadata).name });
    return toLogLevels(this.levels);
  }

  private setModule(module: string, threshold: ReturnType<typeof toThreshold>): void {
    const { modules } = this.levels;
    if (threshold !== undefined && !modules.has(module) && modules.size >= MAX_MODULE_LEVELS) {
      throw invalid('Module', `no more than ${MAX_MODULE_LEVELS} modules may have levels of their own`);
    }
    this.levels.setModule(module, threshold);
  }
}

function invalid(name: string, rule: string): SystemError {
  const field = `SetLogLevelRequest.${name}`;
  return new SystemError({ code: 'SYSTEM.REQUEST_INVALID', field, rule, value: '', isStream: false });
}
