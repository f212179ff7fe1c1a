import type { Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { OPERATOR_SERVICES } from '../operator-services.js';
import { rulesOf } from '../request-rules.js';
import { type GrpcGateOptions, grpcGate } from './grpc-gate.js';
import { addReflection } from './paced-reflection.js';
import { checkHeaders } from './stream-headers.js';

const MAX_STREAMS_PER_CONNECTION = 100;
/** Of one connection, in MB; beyond it no new stream is opened on it. */
const MAX_SESSION_MEMORY_MB = 64;
/** A connection that does not answer a ping of ours is cut, one that never finished its preface among them. */
const PING_EVERY_MS = 60_000;
const PING_TIMEOUT_MS = 20_000;

/** The grpc-js server of the operator port, with reflection; it listens to nothing itself. */
export function createGrpcServer(gate: GrpcGateOptions): Server {
  const server = new Server({
    'grpc.max_receive_message_length': maxRequestBytes(),
    'grpc.max_concurrent_streams': MAX_STREAMS_PER_CONNECTION,
    'grpc.keepalive_time_ms': PING_EVERY_MS,
    'grpc.keepalive_timeout_ms': PING_TIMEOUT_MS,
    'grpc.enable_channelz': 0,
    'grpc-node.max_session_memory': MAX_SESSION_MEMORY_MB,
    interceptors: [grpcGate(gate)],
  });
  addReflection(server);
  return server;
}

/** What serves a connection whose client speaks HTTP/2; TLS is off by then. */
export function grpcConnections(
  server: Server,
  { gate, isEncrypted }: Pick<GrpcGateOptions, 'gate' | 'isEncrypted'>,
): (socket: Socket) => void {
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  checkHeaders(server, {
    unserved: (path) => gate.unserved(path),
    onRefused: ({ session }, { ':path': path = '' }, error) => {
      const address = session?.socket?.remoteAddress ?? '';
      gate.turnAway({ transport: 'grpc', address, isEncrypted }, path, error);
    },
  });
  return (socket) => injector.injectConnection(socket);
}

/** Of all methods: what each may have is seen when it is decoded. */
function maxRequestBytes(): number {
  const methods = OPERATOR_SERVICES.flatMap((service) => service.methods);
  return Math.max(...methods.map((method) => rulesOf(method).maxRequestBytes));
}
