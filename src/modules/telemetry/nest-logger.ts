import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../../common/logger.port.js';

/** Sends the framework's own lines through our log: what it says of its start is `debug`. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug(String(message), fields(context));
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug(String(message), fields(context));
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.logger.debug(String(message), fields(context));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn(String(message), fields(context));
  }

  error(message: unknown, ...context: unknown[]): void {
    this.logger.error(String(message), fields(context));
  }

  fatal(message: unknown, ...context: unknown[]): void {
    this.logger.error(String(message), fields(context));
  }
}

/** Nest's last argument is the name of the class that speaks; before it there may be a stack. */
function fields(context: readonly unknown[]): { context?: string; stack?: string } {
  const texts = context.filter((item) => typeof item === 'string');
  const [name, stack] = [...texts].reverse();
  return { ...(name !== undefined && { context: name }), ...(stack !== undefined && { stack }) };
}
