import { relative } from 'node:path';
import { type Clock, SystemClock } from '../common/clock.js';

/** The terminal, injected so that tests see what a command prints. */
export interface CliIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** What the process will exit with once nothing runs any more. */
  setExitCode(code: number): void;
  /** Ends the process, whatever still runs. */
  exit(code: number): void;
  /** Aborts when the operator asks to stop (SIGINT, SIGTERM, SIGHUP) or nobody reads the output any more. */
  interruption(): AbortSignal;
  /** How this program is called, for commands to try. */
  readonly self: string;
  readonly terminal: {
    /** Whether stdout shows colours: a terminal that can, and NO_COLOR is not set. */
    readonly colours: boolean;
    /** Whether somebody watches stderr. */
    readonly progress: boolean;
  };
}

/** npm hands a terminal's Ctrl-C on to us a second time; later than this it is the operator who asks again. */
const SAME_REQUEST_MS = 1_000;

/** The process's own terminal. */
export class ProcessIo implements CliIo {
  readonly self = selfOf(process.argv[1] ?? '');
  readonly terminal = {
    colours: process.stdout.isTTY === true && process.stdout.hasColors(),
    progress: process.stderr.isTTY === true,
  };
  private readonly stopped = new AbortController();
  private listens = false;
  private askedAtMs: number | undefined;

  constructor(private readonly clock: Clock = new SystemClock()) {
    // A reader that went away (`| head`) ends the command; unhandled it would end the process with a stack trace.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => this.stopped.abort(error));
  }

  stdout(text: string): void {
    process.stdout.write(text);
  }

  stderr(text: string): void {
    process.stderr.write(text);
  }

  setExitCode(code: number): void {
    process.exitCode = code;
  }

  exit(code: number): void {
    // After what was written before, which a pipe may not have taken yet.
    process.stdout.write('', () => process.exit(code));
  }

  /** Asking again ends the process at once. */
  interruption(): AbortSignal {
    if (!this.listens) {
      this.listens = true;
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.stop());
    }
    return this.stopped.signal;
  }

  private stop(): void {
    const nowMs = this.clock.monotonicMs();
    this.askedAtMs ??= nowMs;
    if (nowMs - this.askedAtMs > SAME_REQUEST_MS) process.exit(1);
    this.stopped.abort();
  }
}

function selfOf(script: string): string {
  return script.endsWith('.js') ? `node ${relative(process.cwd(), script)}` : 'edgekeeper';
}
