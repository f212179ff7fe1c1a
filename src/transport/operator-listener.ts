import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { errorText } from '../common/app-error.js';
import { SystemError } from '../modules/system/index.js';

const MAX_CONNECTIONS = 1_000;
/** A client speaks first in HTTP/2; one that does not within this time is let go. */
const FIRST_BYTE_TIMEOUT_MS = 10_000;

/**
 * The operator port's own sockets, handed to grpc-js once a client has begun to speak. grpc-js alone waits for ever for
 * a silent one, also at shutdown.
 */
export class OperatorListener {
  private readonly sockets = new Set<Socket>();
  private readonly listener: Server;

  constructor(grpc: GrpcServer, firstByteTimeoutMs = FIRST_BYTE_TIMEOUT_MS) {
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
    this.listener = createServer({ noDelay: true }, (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.setTimeout(firstByteTimeoutMs, () => socket.destroy());
      socket.once('readable', () => {
        socket.setTimeout(0);
        socket.removeAllListeners('timeout');
        injector.injectConnection(socket);
      });
    });
    this.listener.maxConnections = MAX_CONNECTIONS;
  }

  /** Gives the port in use. @throws {SystemError} SYSTEM.LISTEN_FAILED */
  listen(host: string, port: number): Promise<number> {
    const address = `${host}:${port}`;
    return new Promise((resolve, reject) => {
      this.listener.once('error', (error: NodeJS.ErrnoException) => {
        const reason = error.code === 'EADDRINUSE' ? 'the port is taken' : errorText(error);
        reject(new SystemError({ code: 'SYSTEM.LISTEN_FAILED', address, reason }, error));
      });
      this.listener.listen(port, host, () => resolve((this.listener.address() as AddressInfo).port));
    });
  }

  /** Takes no more connections; those that are there go on. */
  refuseNew(): void {
    this.listener.close();
  }

  /** Ends every connection at once. */
  destroy(): void {
    this.refuseNew();
    for (const socket of this.sockets) socket.destroy();
  }
}
