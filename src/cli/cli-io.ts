import { relative } from 'node:path';
import { type Clock, SystemClock } from '../common/clock.js';
import { osErrorCode, osErrorText } from '../common/os-error.js';

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

/** A pipe or a connection whose other end is closed, and what is written after that was noticed. */
const READER_LEFT: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** The process's own terminal. */
export class ProcessIo implements CliIo {
  readonly self = selfOf(process.argv[1] ?? '');
  readonly terminal = {
    colours: process.stdout.isTTY === true && process.stdout.hasColors(),
    progress: process.stderr.isTTY === true,
  };
  private readonly stopped = new AbortController();
  private listens = false;
  private hasLostOutput = false;
  private askedAtMs: number | undefined;

  constructor(private readonly clock: Clock = new SystemClock()) {
    process.stdout.on('error', (error: unknown) => this.endOutput(error));
  }

  stdout(text: string): void {
    process.stdout.write(text);
  }

  stderr(text: string): void {
    process.stderr.write(text);
  }

  setExitCode(code: number): void {
    if (!this.hasLostOutput) process.exitCode = code;
  }

  exit(code: number): void {
    // After what was written before, which a pipe may not have taken yet.
    process.stdout.write('', () => process.exit(this.hasLostOutput ? 1 : code));
  }

  /** Asking again ends the process at once. */
  interruption(): AbortSignal {
    if (!this.listens) {
      this.listens = true;
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.stop());
    }
    return this.stopped.signal;
  }

  /** A reader that went away (`| head`) ends the command, as it would any other; what cannot be written fails it. */
  private endOutput(error: unknown): void {
    const code = osErrorCode(error) ?? '';
    const isTerminalGone = code === 'EIO' && process.stdout.isTTY === true;
    if (!READER_LEFT.has(code) && !isTerminalGone && !this.hasLostOutput) {
      process.exitCode = 1;
      this.hasLostOutput = true;
      this.stderr(`write /dev/stdout: ${osErrorText(error)}\n`);
    }
    this.stopped.abort(error);
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
