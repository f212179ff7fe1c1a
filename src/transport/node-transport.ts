import { setMaxListeners } from 'node:events';
import type { handleUnaryCall, Server } from '@grpc/grpc-js';
import { type CustomTransportStrategy, ServerGrpc } from '@nestjs/microservices';
import type { Clock } from '../common/clock.js';
import type { Logger } from '../common/logger.port.js';
import { type Access, checkExposure } from '../modules/access/index.js';
import type { PeerHandlers, PeerMethodHandler } from '../modules/network/index.js';
import { type OperatorHealth, type SystemConfig, SystemError } from '../modules/system/index.js';
import { sendable, tellingDetails } from './error-details.js';
import { CallGate } from './operator/call-gate.js';
import { createGrpcServer, grpcConnections } from './operator/grpc-endpoint.js';
import { HealthEndpoint } from './operator/health-endpoint.js';
import { HttpEndpoint } from './operator/http-endpoint.js';
import { OperatorPort } from './operator/operator-port.js';
import { TlsEndpoint } from './operator/tls-endpoint.js';
import { operatorDefinition, peerCodecs } from './operator-definition.js';
import { operatorPackages } from './operator-services.js';
import { PeerRouter } from './peer-router.js';
import { type RpcHandler, unaryAnswer } from './unary-answer.js';

/** How long open operator calls get to end by themselves at shutdown. */
const SHUTDOWN_GRACE_MS = 500;
/** Longest that a call without a stream may take; a dial with its handshake takes up to 20 s. */
const UNARY_TIMEOUT_MS = 30_000;

/** What the transport asks of the application, which is made after it. */
export interface TransportDeps {
  readonly access: Access;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What listens while the node runs. */
interface Listening {
  readonly port: OperatorPort;
  readonly grpc: Server;
  readonly http: HttpEndpoint;
  readonly tls: TlsEndpoint | undefined;
}

/**
 * The node's one Nest transport: the operator port, and the handlers behind every peer protocol.
 *
 * Nest gives each gRPC strategy all `@GrpcMethod` handlers. This one loads only the operator's services on its port, for
 * gRPC and for HTTP/1.1, and hands the rest out by service name, so that the network's allow-list decides what a protocol
 * ID answers.
 */
export class NodeTransport
  extends ServerGrpc
  implements CustomTransportStrategy, PeerHandlers, OperatorHealth
{
  private readonly health = new HealthEndpoint();
  private readonly closingController = new AbortController();
  private readonly peerRouter: PeerRouter;
  private listening: Listening | undefined;
  private boundPort = 0;

  /** @param deps Asked when the port opens. */
  constructor(
    private readonly config: SystemConfig,
    private readonly deps: () => TransportDeps,
  ) {
    super({
      packageDefinition: operatorDefinition(),
      package: operatorPackages(),
      url: `${config.grpcHost}:${config.grpcPort}`,
    });
    // Each subscriber's stream listens to it.
    setMaxListeners(0, this.closing);
    this.setServing('v1.System', false);
    this.peerRouter = new PeerRouter(this.messageHandlers, peerCodecs());
  }

  /** Aborts when the operator port closes, with the error that open streams end with. */
  get closing(): AbortSignal {
    return this.closingController.signal;
  }

  /** The operator port in use; 0 before it listens. */
  get port(): number {
    return this.boundPort;
  }

  find(service: string, method: string): PeerMethodHandler | undefined {
    return this.peerRouter.find(service, method);
  }

  setServing(service: string, isServing: boolean): void {
    this.health.setServing(service, isServing);
  }

  /**
   * @throws {SystemError} SYSTEM.LISTEN_FAILED | SYSTEM.TLS_INVALID
   * @throws {AccessError} ACCESS.PLAINTEXT_EXPOSED
   */
  override async createClient(): Promise<Server> {
    const { access, clock, log } = this.deps();
    const { grpcHost: host, grpcPort, tls: tlsConfig, insecureRemote } = this.config;
    const exposure = checkExposure({
      host,
      hasTls: tlsConfig !== undefined,
      insecureAllowed: insecureRemote,
    });
    if (exposure === 'open') log.warn('the operator API is open to the network in plaintext', { host });
    const onFailed = access.handshakeFailed.bind(access);
    const tls = tlsConfig && new TlsEndpoint({ config: tlsConfig, clock, log, onFailed });
    const gate = new CallGate(access);
    const limits = { clock, unaryTimeoutMs: UNARY_TIMEOUT_MS };
    const gated = { gate, isEncrypted: tls !== undefined, ...limits };
    const grpc = createGrpcServer(gated);
    this.health.addTo(grpc);
    const http = new HttpEndpoint({ gate, rules: this.config, handlers: this.messageHandlers, ...limits });
    const serve = { http2: grpcConnections(grpc, gated), http1: http.take.bind(http) };
    const port = new OperatorPort({ clock, access, tls, serve });
    this.listening = { port, grpc, http, tls };
    this.boundPort = await port.listen(host, grpcPort);
    return grpc;
  }

  /** Of operators only: peers' calls go past it. */
  override createUnaryServiceMethod(handler: RpcHandler): handleUnaryCall<unknown, unknown> {
    return (call, reply) => {
      unaryAnswer(handler(call.request, call.metadata, call)).then(
        (answer) => reply(null, answer),
        (error: unknown) => reply(sendable(error) as Error),
      );
    };
  }

  /** Of operators only: peers' calls go past it. */
  override createStreamServiceMethod(
    handler: RpcHandler,
  ): ReturnType<ServerGrpc['createStreamServiceMethod']> {
    return super.createStreamServiceMethod(tellingDetails(handler));
  }

  override async start(callback?: () => void): Promise<void> {
    await super.start(callback);
    this.setServing('v1.System', true);
  }

  override async close(): Promise<void> {
    this.setServing('v1.System', false);
    this.closingController.abort(new SystemError({ code: 'SYSTEM.SHUTTING_DOWN' }));
    const { listening } = this;
    this.listening = undefined;
    if (listening) await shutDown(listening);
  }
}

/** Lets calls end for a moment, then cuts what is left. */
async function shutDown({ port, grpc, http, tls }: Listening): Promise<void> {
  tls?.close();
  port.refuseNew();
  http.closeIdle();
  const ended = new Promise<void>((resolve) => grpc.tryShutdown(() => resolve()));
  const timeIsUp = new Promise<void>((resolve) => {
    AbortSignal.timeout(SHUTDOWN_GRACE_MS).addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([Promise.all([ended, port.allClosed()]), timeIsUp]);
  grpc.forceShutdown();
  port.destroy();
}
