import type { IncomingMessage } from 'node:http';
import type { Share } from '../calls/load.js';

export type Body = { readonly text: string } | { readonly fault: 'size' | 'busy' };

/**
 * The body as text, as long as there is room for it. Rejects when the client goes away within it. After a fault what is left
 * is not read.
 */
export function readBody(request: IncomingMessage, maxBytes: number, load: Share): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve({ fault: 'size' });
  const chunks: Buffer[] = [];
  const releases: (() => void)[] = [];
  let length = 0;
  return new Promise<Body>((resolve, reject) => {
    const stop = (fault: 'size' | 'busy') => {
      request.pause();
      resolve({ fault });
    };
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) return stop('size');
      if (load.isFull) return stop('busy');
      releases.push(load.holding(chunk.length));
      chunks.push(chunk);
    });
    request.once('end', () => resolve({ text: Buffer.concat(chunks).toString('utf8') }));
    request.once('error', reject);
    request.once('close', () => reject(new Error('the client went away')));
  }).finally(() => {
    request.removeAllListeners('data');
    for (const release of releases) release();
  });
}
