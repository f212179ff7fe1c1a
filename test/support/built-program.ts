import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The program as it is built: `npm test` builds it first. */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface EndedProgram {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const started: ChildProcess[] = [];

/** Ends what a test left running. */
export function killPrograms(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}

/** Runs the program to its end; `onOutput` sees all of both streams so far. */
export function runProgram(
  args: readonly string[],
  onOutput: (output: string, child: ChildProcess) => void = () => undefined,
  nodeArgs: readonly string[] = [],
): Promise<EndedProgram> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArgs, MAIN, ...args], { env: { PATH: process.env.PATH } });
    started.push(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      onOutput(stdout + stderr, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onOutput(stdout + stderr, child);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the program with a standard output of the test's own; gives how it ended and what it said on the other stream. */
export async function runWritingTo(
  stdout: number | 'nobody',
  args: readonly string[],
): Promise<Omit<EndedProgram, 'stdout'>> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', stdout === 'nobody' ? 'pipe' : stdout, 'pipe'],
  });
  started.push(child);
  child.stdout?.destroy();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
