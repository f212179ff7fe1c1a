import { pino } from 'pino';
import { errorText } from '../../../common/app-error.js';
import { TelemetryError } from '../telemetry.errors.js';

const STDERR = 2;

/** Takes whole lines. */
export interface LogSink {
  write(line: string): void;
}

/**
 * stderr, or a file that lines are added to. Written at once: the last lines before a crash are the ones that count.
 * A file that can no longer be written (disk full) costs lines, never the node.
 * @throws {TelemetryError} TELEMETRY.LOG_FILE
 */
export function openLogSink(file: string | undefined): LogSink {
  try {
    const sink = pino.destination({ dest: file ?? STDERR, sync: true, mkdir: true });
    let isBroken = false;
    sink.on('error', (error: unknown) => {
      if (!isBroken) process.stderr.write(`log lines are lost: ${errorText(error)}\n`);
      isBroken = true;
    });
    return sink;
  } catch (error) {
    throw new TelemetryError(
      { code: 'TELEMETRY.LOG_FILE', path: file ?? 'stderr', reason: errorText(error) },
      error,
    );
  }
}

/** Name of a logger below another: `sync.gossip`. */
export function moduleName(parent: string, module: string): string {
  return parent === '' ? module : `${parent}.${module}`;
}
