import { type ClientHttp2Session, connect, performServerHandshake } from 'node:http2';
import type { Duplex } from 'node:stream';
import { message } from '../../support/http2-bytes.js';

/** What a call ended with. */
export interface Reply {
  /** The status of gRPC; -1 when the stream ended without one. */
  readonly status: number;
  readonly messages: readonly Buffer[];
}

/** A client of one HTTP/2 session on a stream. */
export function grpcClient(stream: Duplex): ClientHttp2Session {
  const session = connect('http://peer', { createConnection: () => stream });
  session.on('error', () => {});
  return session;
}

export interface CallOptions {
  readonly path: string;
  /** Instead of the request framed as it should be. */
  readonly body?: Uint8Array;
  readonly headers?: Record<string, string>;
  readonly timeoutMs?: number;
  /** Bytes of messages are dropped once counted. */
  readonly onBytes?: (bytes: number) => void;
}

/** One call; never rejects. */
export function call(
  session: ClientHttp2Session,
  request: Uint8Array,
  { path, body = message(request), headers = {}, timeoutMs = 10_000, onBytes }: CallOptions,
): Promise<Reply> {
  if (session.destroyed || session.closed) return Promise.resolve({ status: -1, messages: [] });
  return new Promise((resolve) => {
    const stream = session.request({
      ':path': path,
      ':method': 'POST',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let status = -1;
    const chunks: Buffer[] = [];
    const note = (fields: Record<string, unknown>) => {
      if (fields['grpc-status'] !== undefined) status = Number(fields['grpc-status']);
    };
    const settle = () => {
      clearTimeout(timer);
      resolve({ status, messages: messagesIn(Buffer.concat(chunks)) });
    };
    const timer = setTimeout(() => stream.destroy(), timeoutMs);
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => (onBytes ? onBytes(chunk.length) : chunks.push(chunk)));
    stream.on('error', () => {});
    // An answer may come before the request has left.
    stream.on('end', () => {
      if (status >= 0) settle();
    });
    stream.on('close', settle);
    stream.end(body);
  });
}

/** Gives the messages of the answer, one by one; undefined: it is never given. */
export type GrpcHandler = (request: Buffer) => Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined;

/** Serves calls on a stream that the other side opened. */
export function serveGrpc(stream: Duplex, handlers: ReadonlyMap<string, GrpcHandler>): void {
  const session = performServerHandshake(stream);
  session.on('error', () => {});
  session.on('stream', (call, headers) => {
    const chunks: Buffer[] = [];
    call.on('error', () => {});
    call.on('data', (chunk: Buffer) => chunks.push(chunk));
    call.on('end', async () => {
      const [request = Buffer.alloc(0)] = messagesIn(Buffer.concat(chunks));
      const handler = handlers.get(String(headers[':path']));
      const answer = handler ? handler(request) : [];
      if (answer === undefined || call.closed || call.destroyed) return;
      call.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      call.on('wantTrailers', () => call.sendTrailers({ 'grpc-status': handler ? '0' : '12' }));
      for await (const reply of answer) {
        if (call.closed || call.destroyed) return;
        if (!call.write(message(reply)))
          await new Promise<void>((resume) => {
            call.once('drain', resume);
            call.once('close', resume);
          });
      }
      call.end();
    });
  });
}

function messagesIn(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}
