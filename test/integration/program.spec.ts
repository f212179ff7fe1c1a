import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OperatorServer } from '../support/operator-server.js';

/** The program as it is built: `npm test` builds it first. */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const started: ChildProcess[] = [];
let server: OperatorServer | undefined;

afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await server?.stop();
  server = undefined;
});

/** Runs the program to its end; `onOutput` sees all of both streams so far. */
function program(
  args: readonly string[],
  onOutput: (output: string, child: ChildProcess) => void = () => undefined,
  nodeArgs: readonly string[] = [],
) {
  return new Promise<Ended>((resolve, reject) => {
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

/** A port that nobody listened on a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Has a process get SIGTERM as soon as it begins to load its command line. */
const TERMINATE_EARLY = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export async function resolve(specifier, context, next) {
      if (specifier.endsWith('/program.js')) process.kill(process.pid, 'SIGTERM');
      return next(specifier, context);
    }
  \`));
`)}`;

describe('the program as a process', () => {
  it('ends by itself after a call, with the exit code and one line of a failure', async () => {
    const gone = await OperatorServer.start({});
    await gone.stop();
    const run = await program(['status', '--grpc-address', gone.address]);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/^rpc error: .*connection refused"\n$/);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends monitor well on %s', async (signal) => {
    server = await OperatorServer.start({
      async *subscribe(_, context) {
        yield { added: [{ number: 1n, hash: '0x01' }] };
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      },
    });
    const run = await program(['monitor', '--grpc-address', server.address], (_, child) =>
      child.kill(signal),
    );
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });

  it('ends a node well that is told to stop while it loads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-early-'));
    try {
      const run = await program(['dev', '--data-dir', folder], undefined, ['--import', TERMINATE_EARLY]);
      expect(run).toEqual({ code: 0, stdout: '', stderr: '' });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('runs a dev chain until it is told to stop, and again from the same folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-dev-'));
    const libp2p = `127.0.0.1:${await freePort()}`;
    const args = ['dev', '--data-dir', folder, '--libp2p', libp2p, '--grpc-address', '127.0.0.1:0'];
    try {
      for (const title of ['[NEW DEV CHAIN]', '[DEV CHAIN]']) {
        const run = await program(args, (output, child) => {
          if (output.includes('Operator API')) child.kill('SIGTERM');
        });
        expect(run.stdout).toContain(title);
        expect(run.stdout).toMatch(/Operator API {3}= 127\.0\.0\.1:[1-9]/);
        expect(run.stderr).toContain('node started');
        expect(run.code).toBe(0);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
