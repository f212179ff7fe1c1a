import { readFileSync } from 'node:fs';
import type { CliIo } from '../../src/cli/cli-io.js';
import { buildProgram, type ProgramDeps } from '../../src/cli/program.js';

/** What a command printed, and its exit code. */
export interface CliRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface RunCliOptions extends Partial<ProgramDeps> {
  /** Aborts to interrupt the command. */
  readonly signal?: AbortSignal;
  /** Called after each piece of output with all of stdout so far. */
  readonly onStdout?: (stdout: string) => void;
  /** What is known of the terminal; without it there is none. */
  readonly terminal?: CliIo['terminal'];
}

const PIPE: CliIo['terminal'] = { colours: false, progress: false };

/** Runs the command line in this process. */
export async function runCli(args: readonly string[], options: RunCliOptions = {}): Promise<CliRun> {
  const { signal = new AbortController().signal, onStdout, terminal = PIPE, ...deps } = options;
  let stdout = '';
  let stderr = '';
  let exitCode = 0;
  const io: CliIo = {
    self: 'edgekeeper',
    terminal,
    stdout: (text) => {
      stdout += text;
      onStdout?.(stdout);
    },
    stderr: (text) => {
      stderr += text;
    },
    setExitCode: (code) => {
      exitCode = code;
    },
    exit: (code) => {
      exitCode = code;
    },
    interruption: () => signal,
  };
  const runNode = () => Promise.reject(new Error('no node is run here'));
  await buildProgram({ runNode, env: {}, ...deps, io }).parseAsync(['node', 'edgekeeper', ...args]);
  return { stdout, stderr, exitCode };
}

/**
 * What the Go client printed, from test/fixtures/cli. It begins every output with an empty line that is left out here,
 * and tests compare without `code = …` and exit codes, which are more precise in ours.
 */
export function cliFixture(name: string): { readonly stdout: string; readonly stderr: string } {
  const text = readFileSync(new URL(`../fixtures/cli/${name}`, import.meta.url), 'utf8');
  const [output = '', stderr = ''] = text.split('--- stderr\n');
  const [, stdout = ''] = /^\$ [^\n]*\n\n([\s\S]*?)exit=\d+\n$/.exec(output) ?? [];
  return { stdout, stderr };
}

/** A text without the gRPC status, which the reference nearly always gives as Unknown. */
export function withoutStatus(text: string): string {
  return text.replace(/code = \w+ /g, 'code = … ');
}
