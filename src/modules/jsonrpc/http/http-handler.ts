import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorFields } from '../../../common/app-error.js';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { WEB_FAULTS, type WebFault, type WebRules, webFault } from '../../../common/web-pages.js';
import type { Dispatcher } from '../calls/dispatcher.js';
import type { HolderOf, Load, Share } from '../calls/load.js';
import type { Caller } from '../calls/method.js';
import { MAX_REQUEST_BYTES, REPLY_READ_MS } from '../jsonrpc.config.js';
import type { JsonRpcMetrics, Refusal } from '../jsonrpc.metrics.js';
import { readBody } from './read-body.js';

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';
/** How long a browser may keep the answer to its question, in seconds. */
const PREFLIGHT_SECONDS = '600';

export interface HttpHandlerOptions {
  readonly web: WebRules;
  readonly dispatcher: Dispatcher;
  readonly load: Load;
  readonly holderOf: HolderOf;
  readonly clock: Clock;
  readonly metrics: JsonRpcMetrics;
  readonly log: Logger;
  /** What `GET /` says of this node. */
  readonly about: Readonly<Record<string, unknown>>;
}

const FAULTS: Readonly<Record<WebFault, { readonly reason: Refusal; readonly text: string }>> = {
  hosts: { reason: 'host', text: 'there is more than one Host' },
  host: { reason: 'host', text: 'this host name is not in jsonrpc.allowedHosts' },
  origin: { reason: 'origin', text: 'this origin is not allowed (--access-control-allow-origins)' },
};

const OF_WEB_FAULTS: readonly number[] = Object.values(WEB_FAULTS);

interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

class HttpCaller implements Caller {
  readonly subscriptions = undefined;

  constructor(
    private readonly response: ServerResponse,
    readonly load: Share,
  ) {}

  get isGone(): boolean {
    return this.response.closed;
  }
}

/** One HTTP request: first who asks and how, then what. */
export class HttpHandler {
  constructor(private readonly options: HttpHandlerOptions) {}

  /** Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { load, holderOf } = this.options;
    const caller = new HttpCaller(response, load.of(holderOf(request.socket.remoteAddress)));
    try {
      const reply = await this.reply(request, caller);
      // What comes with the response's `close` was over before.
      if (caller.isGone) return;
      this.hold(response, caller.load.holding(reply.body?.length ?? 0));
      send(request, response, reply);
    } catch (error) {
      // The client went away within its request.
      this.options.log.debug('a request was not answered', errorFields(error));
      response.destroy();
    }
  }

  /** Whether a request, also one for a WebSocket, may be looked at. */
  refusalOf(request: IncomingMessage): Reply | undefined {
    const fault = webFault(this.options.web, request);
    if (fault !== undefined) {
      const { reason, text } = FAULTS[fault];
      return this.refuse(reason, WEB_FAULTS[fault], text);
    }
    const path = request.url?.split('?', 1)[0];
    return path === '/' || path === '/ws' ? undefined : this.refuse('path', 404, 'there is nothing here');
  }

  /** Until the client has read it, or has had its time for it. */
  private hold(response: ServerResponse, release: () => void): void {
    const { clock, metrics } = this.options;
    const cancel = clock.setTimeout(() => {
      metrics.refused('slow-reader');
      response.destroy();
    }, REPLY_READ_MS);
    response.once('close', () => {
      cancel();
      release();
    });
  }

  private async reply(request: IncomingMessage, caller: Caller): Promise<Reply> {
    const refusal = this.refusalOf(request);
    if (refusal !== undefined) return refusal;
    switch (request.method) {
      case 'POST':
        return this.call(request, caller);
      case 'GET':
        return { status: 200, type: JSON_TYPE, body: JSON.stringify(this.options.about) };
      case 'OPTIONS':
        return { status: 204, headers: preflightHeaders };
      default:
        return this.refuse('method', 405, `method ${request.method} not allowed`);
    }
  }

  private async call(request: IncomingMessage, caller: Caller): Promise<Reply> {
    // A form that a web page may send without asking has another type.
    if (!isJson(request.headers['content-type']) || isEncoded(request.headers['content-encoding'])) {
      return this.refuse('content-type', 415, 'the content type must be application/json, not compressed');
    }
    const { load } = caller;
    const body = load.isFull
      ? ({ fault: 'busy' } as const)
      : await readBody(request, MAX_REQUEST_BYTES, load);
    if ('text' in body) {
      const release = load.holding(body.text.length);
      const reply = await this.options.dispatcher.answer(body.text, caller).finally(release);
      return { status: 200, type: JSON_TYPE, body: reply };
    }
    if (body.fault === 'busy') return this.refuse('busy', 503, 'too many requests are being answered');
    return this.refuse('size', 413, `a request may have ${MAX_REQUEST_BYTES} bytes at most`);
  }

  private refuse(reason: Refusal, status: number, text: string): Reply {
    this.options.metrics.refused(reason);
    // Whatever is left of its body is not read.
    return { status, type: TEXT_TYPE, body: `${text}\n`, headers: { connection: 'close' } };
  }
}

const preflightHeaders = {
  'access-control-allow-methods': 'POST, GET, OPTIONS',
  'access-control-allow-headers': 'Content-Type',
  'access-control-max-age': PREFLIGHT_SECONDS,
};

const isJson = (type = '') => /^application\/(json|json-rpc|jsonrequest)\s*(;|$)/i.test(type.trim());
const isEncoded = (encoding = 'identity') => encoding.trim().toLowerCase() !== 'identity';

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status, type, body = '', headers } = reply;
  const { origin } = request.headers;
  const isAllowed = origin !== undefined && !OF_WEB_FAULTS.includes(status);
  response.writeHead(status, {
    ...(type === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
    ...(isAllowed ? { 'access-control-allow-origin': origin } : {}),
    vary: 'Origin',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body === '' ? undefined : body);
}
