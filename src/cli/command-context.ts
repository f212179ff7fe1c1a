import { CommanderError } from 'commander';
import { errorText } from '../common/app-error.js';
import type { Clock } from '../common/clock.js';
import type { Random } from '../common/random.js';
import type { LoadedSettings } from '../config/load.js';
import type { RunNodeDeps } from '../node/run-node.js';
import type { CliIo } from './cli-io.js';
import { type CommandResult, toJson } from './output.js';

/** What every command works with. */
export interface CommandContext {
  readonly io: CliIo;
  readonly clock: Clock;
  readonly random: Random;
  /** Environment of `EDGEKEEPER_*`; the process's own when missing. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Runs a node until the signal aborts, and gives the exit code. */
  readonly runNode: (loaded: LoadedSettings, deps: RunNodeDeps) => Promise<number>;
}

/** Runs a node until the operator stops it, and ends the program with its exit code, also when it could not start. */
export async function runUntilStopped(
  { io, clock, random, runNode }: CommandContext,
  loaded: LoadedSettings,
  onStarted?: RunNodeDeps['onStarted'],
): Promise<void> {
  const signal = io.interruption();
  try {
    // A node asked to stop already is not even loaded.
    io.exit(signal.aborted ? 0 : await runNode(loaded, { clock, random, signal, onStarted }));
  } catch (error) {
    // What the node left open when it failed half-way must not keep the process.
    printFailure(io, loaded.settings.telemetry.logFormat === 'json', error);
    io.exit(1);
  }
}

/** Prints a result as text or JSON. */
export function printResult(io: CliIo, json: boolean, result: CommandResult): void {
  io.stdout(`${json ? toJson(result.json) : result.text}\n`);
  if (result.failed) io.setExitCode(1);
}

/**
 * Prints why a command failed: one line on stderr, or `{"error":…}`.
 * @remarks Differs: the exit code is 1 with `--json` too, where Go exits with 0.
 */
export function printFailure(io: CliIo, json: boolean, error: unknown): void {
  const text = error instanceof Error ? error.message : errorText(error);
  io.stderr(`${json ? toJson({ error: text }) : text}\n`);
  io.setExitCode(1);
}

/** A command called wrongly, in the words of the Go client. */
export function usageError(text: string): CommanderError {
  return new CommanderError(1, 'edgekeeper.usage', text);
}
