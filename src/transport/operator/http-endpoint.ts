import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Code, ConnectError, createConnectRouter, createContextValues } from '@connectrpc/connect';
import type { UniversalHandler } from '@connectrpc/connect/protocol';
import { universalRequestFromNodeRequest } from '@connectrpc/connect-node';
import { GrpcStatus } from '../../common/grpc-status.js';
import { RequestLines } from '../../common/request-lines.js';
import type { WebRules } from '../../common/web-pages.js';
import { AccessError, type Admission, type CallerFacts } from '../../modules/access/index.js';
import { SystemError } from '../../modules/system/index.js';
import type { CallGate } from './call-gate.js';
import { bearerToken, clientCertificate } from './caller-facts.js';
import {
  ANSWER,
  CALLER,
  connectErrorFor,
  operatorRoutes,
  REQUEST,
  type RoutesOptions,
  SEND_HEAD,
} from './connect-routes.js';
import { JSON_OPTIONS, type Refusal, refuse, send, sendHead } from './http-answers.js';
import {
  dropSettledHeaders,
  emptyMessage,
  formOf,
  isCompressed,
  type RequestForm,
  readRequest,
  typesOf,
} from './http-request.js';
import { judgeHttp } from './http-rules.js';
import { KEEP_ALIVE_MS, RequestDeadlines } from './request-deadlines.js';

const MAX_HEADER_BYTES = 16 * 1_024;

const NOT_POST: Refusal = {
  status: 405,
  error: new ConnectError('calls are made by POST'),
  headers: { allow: 'POST' },
};

export interface HttpEndpointOptions extends RoutesOptions {
  readonly gate: CallGate;
  readonly rules: WebRules;
}

/** A method, and how it is called. */
interface Called {
  readonly handler: UniversalHandler;
  readonly form: RequestForm;
}

/** Connect, gRPC-Web and JSON over HTTP/1.1, on connections that others accept. */
export class HttpEndpoint {
  readonly #server: Server;
  readonly #methods: ReadonlyMap<string, UniversalHandler>;
  readonly #deadlines: RequestDeadlines;
  readonly #lines: RequestLines;
  readonly #sockets = new Set<Socket>();

  constructor(private readonly options: HttpEndpointOptions) {
    const router = createConnectRouter({ grpc: false, acceptCompression: [], jsonOptions: JSON_OPTIONS });
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
        response.writeHead(204, verdict.headers).end();
        break;
      case 'refused': {
        const { status, reason } = verdict;
        const error = new AccessError({ code: 'ACCESS.PAGE_REFUSED', reason });
        this.options.gate.turnAway(factsOf(request), request.url ?? '', error);
        refuse(response, { status, error: connectErrorFor(error) });
        break;
      }
      default: {
        for (const [name, value] of Object.entries(verdict.headers)) response.setHeader(name, value);
        const found = this.#find(request);
        if ('status' in found) refuse(response, found);
        else void this.#call(found, request, response);
      }
    }
  }

  #find(request: IncomingMessage): Called | Refusal {
    const { url = '', method, headers } = request;
    const [path = ''] = url.split('?', 1);
    const handler = this.#methods.get(path);
    if (handler === undefined) return this.#unserved(request, path);
    if (method !== 'POST') return NOT_POST;
    const form = formOf(handler.method, headers['content-type']);
    if (form !== undefined) return { handler, form };
    const error = new ConnectError(`served as ${typesOf(handler.method).join(', ')}`);
    return { status: 415, error };
  }

  #unserved(request: IncomingMessage, path: string): Refusal {
    const { gate } = this.options;
    const error = gate.unserved(path);
    if (error === undefined) {
      return { status: 404, error: new ConnectError('served over gRPC only', Code.Unimplemented) };
    }
    gate.turnAway(factsOf(request), path, error);
    return { status: 404, error: connectErrorFor(error) };
  }

  async #call({ handler, form }: Called, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const values = createContextValues();
    values.set(SEND_HEAD, (headers) => sendHead(response, headers));
    let refusal: ConnectError | undefined;
    let revoked: AbortSignal | undefined;
    try {
      const admission = this.#admit(request, handler.requestPath);
      // What never gets to a handler was no call in its form: a deadline that is none, a body that is cut short.
      values.set(ANSWER, { status: GrpcStatus.INVALID_ARGUMENT }).set(CALLER, admission.identity);
      response.once('close', () => admission.end(values.get(ANSWER).status));
      revoked = admission.revoked;
    } catch (error) {
      refusal = connectErrorFor(error);
    }
    try {
      const universal = universalRequestFromNodeRequest(request, response, undefined, values);
      dropSettledHeaders(universal.header);
      const signal = revoked ? AbortSignal.any([universal.signal, revoked]) : universal.signal;
      const read = async () => {
        if (refusal !== undefined) throw refusal;
        values.set(REQUEST, await readRequest(request, handler.method, form));
        return emptyMessage(form);
      };
      await send(response, await handler({ ...universal, signal, body: bodyOf(request, read) }));
    } catch {
      // The caller is gone, or its request was cut short: there is nobody to tell.
      response.destroy();
    }
  }

  #admit(request: IncomingMessage, path: string): Admission {
    const { gate } = this.options;
    const facts = factsOf(request);
    if (!isCompressed(request.headers)) return gate.admit(facts, path);
    const error = new SystemError({ code: 'SYSTEM.COMPRESSED', path });
    gate.turnAway(facts, path, error);
    throw error;
  }
}

/**
 * What stands for the body, once that is read; a refused call fails at its first byte, so that the protocol it is in words
 * the refusal. What is left unread is thrown away until the request's deadline.
 */
async function* bodyOf(
  request: IncomingMessage,
  read: () => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield await read();
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
