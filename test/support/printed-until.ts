import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program until it prints a line that begins so, and ends it; all lines, that one last. */
export async function printedUntil(start: string, { command, args, cwd, env }: Program): Promise<string[]> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith(start)) break;
  }
  child.kill('SIGKILL');
  if (lines.at(-1)?.startsWith(start)) return lines;
  throw new Error(`${command} ended without '${start}': ${[...lines, stderr].join('\n')}`);
}
