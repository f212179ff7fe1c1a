import { setMaxListeners } from 'node:events';
import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { type CustomTransportStrategy, ServerGrpc } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';
import type { PeerHandlers, PeerMethodHandler } from '../modules/network/index.js';
import { type SystemConfig, SystemError } from '../modules/system/index.js';
import { tellingDetails } from './error-details.js';
import { operatorDefinition, peerCodecs, reflectedDefinition } from './operator-definition.js';
import { OperatorListener } from './operator-listener.js';
import { OPERATOR_SERVICES, operatorPackages } from './operator-services.js';
import { PeerRouter } from './peer-router.js';
import { rulesOf } from './request-rules.js';

/** How long open operator calls get to end by themselves at shutdown. */
const SHUTDOWN_GRACE_MS = 500;
const MAX_STREAMS_PER_CONNECTION = 100;
const MAX_METADATA_BYTES = 16 * 1_024;

/**
 * The node's one Nest transport: the operator port, and the handlers behind every peer protocol.
 *
 * Nest gives each gRPC strategy all `@GrpcMethod` handlers. This one loads only the operator's services on its port and
 * hands the rest out by service name, so that the network's allow-list decides what a protocol ID answers.
 */
export class NodeTransport extends ServerGrpc implements CustomTransportStrategy, PeerHandlers {
  private readonly health = new HealthImplementation({ '': 'SERVING', 'v1.System': 'NOT_SERVING' });
  private readonly closingController = new AbortController();
  private readonly peerRouter: PeerRouter;
  private listener: OperatorListener | undefined;
  private boundPort = 0;

  constructor(private readonly config: SystemConfig) {
    super({
      packageDefinition: operatorDefinition(),
      package: operatorPackages(),
      url: `${config.grpcHost}:${config.grpcPort}`,
    });
    // Each subscriber's stream listens to it.
    setMaxListeners(0, this.closing);
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

  /** @throws {SystemError} SYSTEM.LISTEN_FAILED */
  override async createClient(): Promise<Server> {
    // It would write to stderr by itself; what fails here is an error of ours.
    setLogVerbosity(logVerbosity.NONE);
    const server = new Server({
      'grpc.max_receive_message_length': maxRequestBytes(),
      'grpc.max_metadata_size': MAX_METADATA_BYTES,
      'grpc.max_concurrent_streams': MAX_STREAMS_PER_CONNECTION,
    });
    new ReflectionService(reflectedDefinition()).addToServer(server);
    this.health.addToServer(server);
    const listener = new OperatorListener(server);
    this.boundPort = await listener.listen(this.config.grpcHost, this.config.grpcPort);
    this.listener = listener;
    return server;
  }

  /** Of operators only: peers' calls go past it. */
  override createServiceMethod(
    ...[handler, ...how]: Parameters<ServerGrpc['createServiceMethod']>
  ): ReturnType<ServerGrpc['createServiceMethod']> {
    return super.createServiceMethod(tellingDetails(handler as never), ...how);
  }

  override async start(callback?: () => void): Promise<void> {
    await super.start(callback);
    this.health.setStatus('v1.System', 'SERVING');
  }

  override async close(): Promise<void> {
    this.health.setStatus('v1.System', 'NOT_SERVING');
    this.closingController.abort(new SystemError({ code: 'SYSTEM.SHUTTING_DOWN' }));
    const { grpcClient, listener } = this;
    this.listener = undefined;
    if (listener) await shutDown(grpcClient as Server, listener);
  }
}

/** Of all methods: what each may have is seen when it is decoded. */
function maxRequestBytes(): number {
  const methods = OPERATOR_SERVICES.flatMap((service) => service.methods);
  return Math.max(...methods.map((method) => rulesOf(method).maxRequestBytes));
}

/** Lets calls end for a moment, then cuts what is left. */
async function shutDown(server: Server, listener: OperatorListener): Promise<void> {
  listener.refuseNew();
  const ended = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  const timeIsUp = new Promise<void>((resolve) => {
    AbortSignal.timeout(SHUTDOWN_GRACE_MS).addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([ended, timeIsUp]);
  server.forceShutdown();
  listener.destroy();
}
