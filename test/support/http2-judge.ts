import { type IncomingHttpHeaders, performServerHandshake } from 'node:http2';
import { duplexPair } from 'node:stream';
import { parseFrames } from './http2-bytes.js';

/** What Node's own HTTP/2 makes of a client's bytes: the headers of accepted requests and the codes of refused ones. */
export async function judge(
  bytes: Buffer,
  requests: number,
): Promise<{ headers: IncomingHttpHeaders[]; resets: number[] }> {
  const [near, far] = duplexPair();
  const session = performServerHandshake(far);
  const headers: IncomingHttpHeaders[] = [];
  const seen: Buffer[] = [];
  const sentResets = () =>
    parseFrames(Buffer.concat(seen))
      .filter(({ type }) => type === 'reset')
      .map(({ payload }) => payload.readUInt32BE(0));
  await new Promise<void>((resolve) => {
    const check = () => {
      if (headers.length + sentResets().length >= requests) resolve();
    };
    session.on('error', () => resolve());
    session.on('stream', (stream, received) => {
      stream.on('error', () => {});
      headers.push(received);
      check();
    });
    near.on('data', (chunk: Buffer) => {
      seen.push(chunk);
      check();
    });
    near.write(bytes);
  });
  session.destroy();
  near.destroy();
  far.destroy();
  return { headers, resets: sentResets() };
}
