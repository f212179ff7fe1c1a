import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { errorText } from '../../common/app-error.js';
import type { PrometheusMetrics } from './adapters/prometheus-metrics.js';
import type { Readiness } from './ports/readiness.port.js';
import { TelemetryError } from './telemetry.errors.js';

const MAX_CONNECTIONS = 64;
/** Node looks at its timeouts only every 30 s unless told otherwise. */
const TIMEOUTS_MS = {
  headersTimeout: 2_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
const TEXT = 'text/plain; charset=utf-8';

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: PrometheusMetrics;
  readonly readiness: Readiness;
}

/**
 * HTTP for `/healthz`, `/readyz` and metrics, which every other path answers, as the Go client's does.
 * `start` and `stop` may be called twice; `stop` before `start` is fine.
 */
export class MetricsServer {
  private server: Server | undefined;

  constructor(private readonly options: MetricsServerOptions) {}

  /** The port in use; 0 when not started. */
  get port(): number {
    const address = this.server?.address();
    return typeof address === 'object' && address !== null ? (address as AddressInfo).port : 0;
  }

  /** @throws {TelemetryError} TELEMETRY.PORT_TAKEN | TELEMETRY.LISTEN_FAILED */
  async start(): Promise<void> {
    if (this.server !== undefined) return;
    const { host, port } = this.options;
    const connections = new Connections();
    const server = createServer(TIMEOUTS_MS, (request, response) => {
      connections.touch(request.socket);
      this.answer(request).then(
        (reply) => send(response, reply, request.method === 'HEAD'),
        (error: unknown) => send(response, { status: 500, type: TEXT, body: `${errorText(error)}\n` }, false),
      );
    });
    server.on('connection', (socket) => connections.touch(socket));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      // Later ones, such as no descriptor left for a connection, pass.
      server.on('error', (error) => {
        if (!server.listening) this.server = undefined;
        reject(listenError(`${host}:${port}`, error));
      });
      server.listen(port, host, resolve);
    });
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  private async answer({ method, url = '/' }: IncomingMessage): Promise<Reply> {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, type: TEXT, body: 'only GET\n' };
    const { metrics, readiness } = this.options;
    switch (url.split('?', 1)[0]) {
      case '/healthz':
        return { status: 200, type: TEXT, body: 'ok\n' };
      case '/readyz': {
        const objections = readiness.objections();
        if (objections.length === 0) return { status: 200, type: TEXT, body: 'ready\n' };
        return { status: 503, type: TEXT, body: `${objections.join('\n')}\n` };
      }
      default:
        return { status: 200, type: metrics.contentType, body: await metrics.expose() };
    }
  }
}

/** So many connections at most; a new one takes the place of the one that asked for nothing the longest. */
class Connections {
  /** The latest to ask is the last. */
  private readonly sockets = new Set<Socket>();

  /** The connection is new or asks for something. */
  touch(socket: Socket): void {
    if (!this.sockets.delete(socket)) socket.once('close', () => this.sockets.delete(socket));
    this.sockets.add(socket);
    const [idlest] = this.sockets;
    if (this.sockets.size <= MAX_CONNECTIONS || idlest === undefined) return;
    this.sockets.delete(idlest);
    idlest.destroy();
  }
}

function send(response: ServerResponse, { status, type, body }: Reply, withoutBody: boolean): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(withoutBody ? undefined : body);
}

function listenError(address: string, error: NodeJS.ErrnoException): TelemetryError {
  if (error.code === 'EADDRINUSE')
    return new TelemetryError({ code: 'TELEMETRY.PORT_TAKEN', address }, error);
  return new TelemetryError({ code: 'TELEMETRY.LISTEN_FAILED', address, reason: errorText(error) }, error);
}
