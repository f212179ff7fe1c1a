import type { Clock } from '../../../common/clock.js';
import { formatLogLine, type LogLevel } from '../../../common/log-line.js';
import type { LogFields, Logger } from '../../../common/logger.port.js';
import type { TelemetryConfig } from '../telemetry.config.js';
import { type LogSink, moduleName } from './log-sink.js';

const LEVELS: readonly TelemetryConfig['logLevel'][] = ['debug', 'info', 'warn', 'error', 'off'];

/** Lines for people, as the Go client writes them. */
export class TextLogger implements Logger {
  constructor(
    private readonly out: LogSink,
    private readonly clock: Clock,
    private readonly leastLevel: TelemetryConfig['logLevel'],
    private readonly module = '',
  ) {}

  error(message: string, fields?: LogFields): void {
    this.write('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.write('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.write('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.write('debug', message, fields);
  }

  child(module: string): Logger {
    return new TextLogger(this.out, this.clock, this.leastLevel, moduleName(this.module, module));
  }

  private write(level: LogLevel, message: string, fields?: LogFields): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.leastLevel)) return;
    this.out.write(formatLogLine(this.clock.nowMs(), level, this.module, message, fields));
  }
}
