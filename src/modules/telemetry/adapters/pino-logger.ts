import { type Logger as Pino, pino } from 'pino';
import type { Clock } from '../../../common/clock.js';
import type { LogFields, Logger } from '../../../common/logger.port.js';
import { printable } from '../../../common/printable.js';
import type { TelemetryConfig } from '../telemetry.config.js';
import { type LogSink, moduleName } from './log-sink.js';

/** JSON lines: `{"level":"info","time":…,"module":…,"msg":…, fields}`. */
export class PinoLogger implements Logger {
  private constructor(
    private readonly root: Pino,
    private readonly module: string,
    private readonly pino: Pino,
  ) {}

  static create(out: LogSink, clock: Clock, leastLevel: TelemetryConfig['logLevel']): PinoLogger {
    const options = {
      level: leastLevel === 'off' ? 'silent' : leastLevel,
      // Neither process ID nor host name: whoever collects the lines knows where they come from.
      base: null,
      timestamp: () => `,"time":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (level: string) => ({ level }) },
      // JSON leaves marks of direction and most control characters as they are; all that is found stands within strings.
      hooks: {
        streamWrite: (line: string) => `${printable(line.slice(0, -1), Number.POSITIVE_INFINITY)}\n`,
      },
    };
    const root = pino(options, out);
    return new PinoLogger(root, '', root);
  }

  error(message: string, fields?: LogFields): void {
    this.pino.error(fields ?? {}, message);
  }

  warn(message: string, fields?: LogFields): void {
    this.pino.warn(fields ?? {}, message);
  }

  info(message: string, fields?: LogFields): void {
    this.pino.info(fields ?? {}, message);
  }

  debug(message: string, fields?: LogFields): void {
    this.pino.debug(fields ?? {}, message);
  }

  child(module: string): Logger {
    const name = moduleName(this.module, module);
    return new PinoLogger(this.root, name, this.root.child({ module: name }));
  }
}
