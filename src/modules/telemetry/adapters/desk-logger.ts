import type { LogFields, Logger } from '../../../common/logger.port.js';
import type { LogEntryLevel } from '../ports/log-feed.port.js';
import type { LogDesk } from './log-desk.js';
import { moduleName } from './log-sink.js';

/** Asks the desk before it writes. */
export class DeskLogger implements Logger {
  constructor(
    private readonly desk: LogDesk,
    /** Writes all that it is given. */
    private readonly writer: Logger,
    private readonly module = '',
  ) {}

  error(message: string, fields?: LogFields): void {
    this.say('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.say('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.say('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.say('debug', message, fields);
  }

  child(module: string): Logger {
    return new DeskLogger(this.desk, this.writer.child(module), moduleName(this.module, module));
  }

  private say(level: LogEntryLevel, message: string, fields: LogFields | undefined): void {
    if (this.desk.take(level, this.module, message, fields)) this.writer[level](message, fields);
  }
}
