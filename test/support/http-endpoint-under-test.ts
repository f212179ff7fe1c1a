import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Observable, Subject, throwError } from 'rxjs';
import { SystemError } from '../../src/modules/system/index.js';
import { CallGate } from '../../src/transport/operator/call-gate.js';
import { HttpEndpoint } from '../../src/transport/operator/http-endpoint.js';
import { handlerPattern } from '../../src/transport/peer-router.js';
import { ManualClock } from './manual-clock.js';
import { rawConnection } from './raw-connection.js';

export const UNARY = '/v1.System/PeersStatus';
export const STREAM = '/v1.System/Subscribe';

/** The HTTP side of the operator port with one method that answers and one that streams nothing, for whoever calls. */
export class HttpEndpointUnderTest {
  /** Code and path of each refusal on record. */
  readonly turnedAway: string[] = [];
  /** Status and path of each admitted call that is over. */
  readonly ended: string[] = [];
  /** What the handlers got as requests. */
  readonly requests: unknown[] = [];
  /** Of every stream. */
  readonly ended$ = new Subject<never>();
  readonly #sockets: Socket[] = [];
  readonly #listener: Server;

  private constructor() {
    const gate = new CallGate({
      admit: (_facts, { path }) => ({
        identity: { name: 'ops', role: 'admin', how: 'token' },
        end: (status) => this.ended.push(`${status} ${path}`),
      }),
      acceptConnection: () => () => undefined,
      handshakeFailed: () => undefined,
      turnedAway: (_facts, path, { code }) => this.turnedAway.push(`${code} ${path}`),
    });
    const answer = async (request: unknown) => {
      this.requests.push(request);
      if (request instanceof SystemError) throw request;
      return {};
    };
    const subscribe = async (request: unknown): Promise<Observable<never>> => {
      this.requests.push(request);
      return request instanceof SystemError ? throwError(() => request) : this.ended$;
    };
    const handlers = new Map<string, never>([
      [handlerPattern('System', 'PeersStatus'), answer as never],
      [handlerPattern('System', 'Subscribe'), subscribe as never],
    ]);
    const rules = { allowedOrigins: [], allowedHosts: [] };
    const clock = new ManualClock();
    const endpoint = new HttpEndpoint({ gate, rules, handlers, clock, unaryTimeoutMs: 30_000 });
    this.#listener = createServer((socket) => endpoint.take(socket));
  }

  static async start(): Promise<HttpEndpointUnderTest> {
    const under = new HttpEndpointUnderTest();
    under.#listener.listen(0, '127.0.0.1');
    await once(under.#listener, 'listening');
    return under;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** A connection on which a POST of these lines was sent, with as much of its body as is given. */
  async post(path: string, lines: readonly string[], body: string | Uint8Array = ''): Promise<Socket> {
    const socket = await rawConnection(this.port);
    this.#sockets.push(socket);
    socket.write([`POST ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    socket.write(body);
    return socket;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
  }
}

/** A message in the envelope of Connect's streams and gRPC-Web. */
export function envelope(message: string | Uint8Array, flags = 0): Buffer {
  const head = Buffer.from([flags, 0, 0, 0, 0]);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, Buffer.from(message)]);
}
