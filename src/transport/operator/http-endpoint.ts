import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { createRegistry } from '@bufbuild/protobuf';
import { BytesValueSchema } from '@bufbuild/protobuf/wkt';
import { type ConnectError, createConnectRouter, createContextValues } from '@connectrpc/connect';
import type { UniversalHandler } from '@connectrpc/connect/protocol';
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from '@connectrpc/connect-node';
import { RequestLines } from '../../common/request-lines.js';
import type { WebRules } from '../../common/web-pages.js';
import { AccessError, type CallerFacts } from '../../modules/access/index.js';
import type { CallGate } from './call-gate.js';
import { bearerToken, clientCertificate } from './caller-facts.js';
import { ANSWER, CALLER, connectErrorFor, operatorRoutes, type RoutesOptions } from './connect-routes.js';
import { judgeHttp } from './http-rules.js';
import { KEEP_ALIVE_MS, RequestDeadlines } from './request-deadlines.js';

const MAX_HEADER_BYTES = 16 * 1_024;
/** What is answered before a call is one. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const NOT_POST: Refusal = {
  status: 405,
  code: 'unknown',
  message: 'calls are made by POST',
  headers: { allow: 'POST' },
};
const NO_SUCH_TYPE: Refusal = {
  status: 415,
  code: 'unknown',
  message: 'not a content type of Connect, gRPC-Web or JSON',
};
/** A misspelt name is refused: left out, it would mean all, or for ever. */
const JSON_OPTIONS = {
  alwaysEmitImplicit: true,
  ignoreUnknownFields: false,
  registry: createRegistry(BytesValueSchema),
};

export interface HttpEndpointOptions extends RoutesOptions {
  readonly gate: CallGate;
  readonly rules: WebRules;
}

/** Connect, gRPC-Web and JSON over HTTP/1.1, on connections that others accept. */
export class HttpEndpoint {
  readonly #server: Server;
  readonly #methods: ReadonlyMap<string, UniversalHandler>;
  readonly #deadlines: RequestDeadlines;
  readonly #lines: RequestLines;
  readonly #sockets = new Set<Socket>();

  constructor(private readonly options: HttpEndpointOptions) {
    // Compressed requests are refused: they are small, and what they become is not known before.
    const router = createConnectRouter({
      grpc: false,
      acceptCompression: [],
      jsonOptions: JSON_OPTIONS,
    });
    operatorRoutes(options)(router);
    this.#methods = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
    this.#deadlines = new RequestDeadlines(options.clock);
    this.#lines = new RequestLines(options.clock);
    this.#server = createServer(
      { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS },
      (request, response) => this.#lines.add(request, response, () => this.#answer(request, response)),
    );
  }

  /** Serves a connection whose client speaks HTTP/1.1. */
  take(socket: Socket): void {
    this.#deadlines.opened(socket);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#server.emit('connection', socket);
  }

  /** Ends the connections that wait for a next call. */
  closeIdle(): void {
    for (const socket of this.#sockets) if (this.#lines.isIdle(socket)) socket.destroy();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#deadlines.requested(request, response);
    const verdict = judgeHttp(this.options.rules, request);
    switch (verdict.kind) {
      case 'preflight':
        end(response, 204, '', verdict.headers);
        break;
      case 'refused':
        this.options.gate.turnAway(
          factsOf(request),
          request.url ?? '',
          new AccessError({ code: 'ACCESS.PAGE_REFUSED', reason: verdict.reason }),
        );
        refuse(response, { status: verdict.status, code: 'permission_denied', message: verdict.reason });
        break;
      default: {
        for (const [name, value] of Object.entries(verdict.headers)) response.setHeader(name, value);
        const found = this.#find(request);
        if ('status' in found) refuse(response, found);
        else void this.#call(found, request, response);
      }
    }
  }

  #find(request: IncomingMessage): UniversalHandler | Refusal {
    const { url = '', method, headers } = request;
    const [path = ''] = url.split('?', 1);
    const handler = this.#methods.get(path);
    if (handler === undefined) return this.#unserved(request, path);
    if (method !== 'POST') return NOT_POST;
    if (!handler.supportedContentType(headers['content-type'] ?? null)) return NO_SUCH_TYPE;
    return handler;
  }

  #unserved(request: IncomingMessage, path: string): Refusal {
    const { gate } = this.options;
    const error = gate.unserved(path);
    if (error !== undefined) gate.turnAway(factsOf(request), path, error);
    return { status: 404, code: 'unimplemented', message: error?.message ?? 'served over gRPC only' };
  }

  async #call(handler: UniversalHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const values = createContextValues();
    let refusal: ConnectError | undefined;
    let revoked: AbortSignal | undefined;
    try {
      const admission = this.options.gate.admit(factsOf(request), handler.requestPath);
      values.set(ANSWER, {}).set(CALLER, admission.identity);
      response.once('close', () => admission.end(values.get(ANSWER).status));
      revoked = admission.revoked;
    } catch (error) {
      refusal = connectErrorFor(error);
    }
    try {
      const universal = universalRequestFromNodeRequest(request, response, undefined, values);
      const signal = revoked ? AbortSignal.any([universal.signal, revoked]) : universal.signal;
      const answer = await handler({ ...universal, signal, body: bodyOf(request, refusal) });
      await universalResponseToNodeResponse(answer, response);
    } catch {
      // The caller is gone, or its request was cut short: there is nobody to tell.
      response.destroy();
    }
  }
}

/**
 * The body as it comes; a refused call fails at its first byte, so that the protocol it is in words the refusal. What is
 * left unread is thrown away until the request's deadline.
 */
async function* bodyOf(
  request: IncomingMessage,
  refusal: ConnectError | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    if (refusal !== undefined) throw refusal;
    yield* request.iterator({ destroyOnReturn: false });
  } finally {
    if (!request.complete) request.resume();
  }
}

function factsOf({ socket, headers }: IncomingMessage): CallerFacts {
  const isEncrypted = socket instanceof TLSSocket;
  return {
    transport: 'http',
    address: socket.remoteAddress ?? '',
    isEncrypted,
    certificate: isEncrypted ? clientCertificate(socket) : undefined,
    token: bearerToken(headers.authorization),
    origin: headers.origin,
  };
}

/** In the form of a Connect error, which clients of it understand and people can read. */
function refuse(response: ServerResponse, { status, code, message, headers }: Refusal): void {
  const body = `${JSON.stringify({ code, message })}\n`;
  end(response, status, body, { ...headers, 'content-type': 'application/json' });
}

function end(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, headers);
  response.end(body);
}
