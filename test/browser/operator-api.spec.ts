import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { aKey, singleValidatorGenesis, TestNode } from '../support/test-node.js';
import { waitFor } from '../support/wait-for.js';
import { chromiumFlags, chromiumPath } from './chromium.mjs';

const START_TIMEOUT_MS = 60_000;
const root = resolve(import.meta.dirname, '../..');
const esbuild = resolve(root, 'node_modules/esbuild/bin/esbuild');

/** The program of docs/clients/browser.md as it stands, with another port, as one file for a page. */
async function bundledPage(folder: string, address: string): Promise<string> {
  const page = await readFile(resolve(root, 'docs/clients/browser.md'), 'utf8');
  const [, snippet = ''] = /^```ts\n(.*?)^```/ms.exec(page) ?? [];
  const source = join(folder, 'client.ts');
  await writeFile(source, snippet.replace('./gen/', '../../src/gen/').replace('127.0.0.1:9632', address));
  const options = ['--bundle', '--format=esm', '--target=es2022'];
  const { stdout } = await promisify(execFile)(esbuild, [source, ...options], { cwd: root });
  return stdout;
}

async function serve(contents: () => string): Promise<{ readonly origin: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/client.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? contents() : '<!doctype html><script type="module" src="/client.js"></script>');
  });
  await new Promise<void>((started) => server.listen(0, '127.0.0.1', started));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('the operator API in a browser, over gRPC-Web', () => {
  let script = '';
  let folder: string;
  let node: TestNode | undefined;
  let browser: Browser;
  let allowed: Awaited<ReturnType<typeof serve>>;
  let foreign: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    allowed = await serve(() => script);
    foreign = await serve(() => script);
    const validatorKey = aKey();
    node = await TestNode.start({
      genesis: singleValidatorGenesis(validatorKey),
      validatorKey,
      settings: { system: { allowedOrigins: [allowed.origin] } },
    });
    await waitFor(node.chain.head$, ({ number }) => number >= 1);
    folder = await mkdtemp(resolve(root, '.cache/page-'));
    script = await bundledPage(folder, node.operatorAddress);
    browser = await chromium.launch({ executablePath: chromiumPath, headless: true, args: chromiumFlags });
  }, 2 * START_TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    for (const { server } of [allowed, foreign]) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true });
  });

  it('shows a page of an allowed origin the status and each new block', async () => {
    const page: Page = await browser.newPage();
    await page.goto(allowed.origin);
    await page.waitForFunction('document.body.innerText.includes("added")', undefined, {
      timeout: START_TIMEOUT_MS,
    });
    expect(await page.textContent('body')).toMatch(/^chain 7331 at \d+added \d+/);
    await page.close();
  });

  it('shows a foreign page nothing', async () => {
    const page: Page = await browser.newPage();
    const failure = new Promise<Error>((failed) => page.once('pageerror', failed));
    await page.goto(foreign.origin);
    expect((await failure).message).toMatch(/Failed to fetch/);
    expect(await page.textContent('body')).toBe('');
    await page.close();
  });
});
