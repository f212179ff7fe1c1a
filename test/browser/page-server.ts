import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
};
const PAGE = join(import.meta.dirname, 'page');

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the test page on loopback, with the bundle beside it; a policy forbids what a careful site would forbid. */
export async function servePage(bundleFolder: string, cases: unknown): Promise<PageServer> {
  const server = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    try {
      const name = path === '/' ? 'index.html' : path.slice(1);
      const body = await contentOf(name);
      response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream');
      response.setHeader('content-security-policy', "default-src 'self'; img-src data:");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => closed(server) };

  async function contentOf(name: string): Promise<string | Uint8Array> {
    if (name === 'cases.json') return JSON.stringify(cases);
    if (name === 'verifier/index.js') return readFile(join(bundleFolder, 'index.js'));
    return readFile(join(PAGE, name.replaceAll('/', '')));
  }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
