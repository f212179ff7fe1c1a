import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort, killPrograms, runProgram, runWritingTo } from '../support/built-program.js';
import { OperatorServer } from '../support/operator-server.js';

let server: OperatorServer | undefined;

afterEach(async () => {
  killPrograms();
  await server?.stop();
  server = undefined;
});

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
    const run = await runProgram(['status', '--grpc-address', gone.address]);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/^rpc error: .*connection refused"\n$/);
  });

  it.each([['status'], ['peers', 'list'], ['monitor']])(
    'tells in one line that what answers is no operator port: %j',
    async (...words) => {
      const web = http.createServer((_, response) => response.end()).listen(0, '127.0.0.1');
      await once(web, 'listening');
      const address = `127.0.0.1:${(web.address() as AddressInfo).port}`;
      try {
        const run = await runProgram([...words, '--grpc-address', address]);
        expect(run).toMatchObject({ code: 1, stdout: '' });
        expect(run.stderr).toMatch(
          /^(failed to read event: )?rpc error: code = Unavailable .* speaks no HTTP\/2: .*\n$/,
        );
        expect(run.stderr).toContain(address);
      } finally {
        web.close();
      }
    },
  );

  it('fails when its output cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    const run = await runWritingTo(full, ['version']).finally(() => closeSync(full));
    expect(run).toEqual({ code: 1, stderr: 'write /dev/stdout: no space left on device\n' });
  });

  it('ends well when its reader leaves', async () => {
    expect(await runWritingTo('nobody', ['license'])).toEqual({ code: 0, stderr: '' });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends monitor well on %s', async (signal) => {
    server = await OperatorServer.start({
      async *subscribe(_, context) {
        yield { added: [{ number: 1n, hash: '0x01' }] };
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      },
    });
    const run = await runProgram(['monitor', '--grpc-address', server.address], (_, child) =>
      child.kill(signal),
    );
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });

  it('ends a node well that is told to stop while it loads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgekeeper-early-'));
    try {
      const run = await runProgram(['dev', '--data-dir', folder], undefined, ['--import', TERMINATE_EARLY]);
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
        const run = await runProgram(args, (output, child) => {
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
