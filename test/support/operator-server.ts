import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { ConnectRouter, ServiceImpl } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { Node } from '../../src/gen/edgekeeper/v1/node_pb.js';
import { Peers } from '../../src/gen/edgekeeper/v1/peers_pb.js';
import { IbftOperator } from '../../src/gen/v1/ibft_operator_pb.js';
import { System } from '../../src/gen/v1/system_pb.js';
import { TxnPoolOperator } from '../../src/gen/v1/txpool_operator_pb.js';

interface OtherAnswers {
  readonly ibft?: Partial<ServiceImpl<typeof IbftOperator>>;
  readonly txpool?: Partial<ServiceImpl<typeof TxnPoolOperator>>;
  readonly peers?: Partial<ServiceImpl<typeof Peers>>;
  readonly node?: Partial<ServiceImpl<typeof Node>>;
}

/** The operator services on a free port of loopback whose answers a test gives. */
export class OperatorServer {
  private constructor(
    readonly address: string,
    private readonly server: Http2Server,
    private readonly sessions: Set<ServerHttp2Session>,
  ) {}

  static async start(
    answers: Partial<ServiceImpl<typeof System>>,
    { ibft = {}, txpool = {}, peers = {}, node = {} }: OtherAnswers = {},
  ): Promise<OperatorServer> {
    const routes = (router: ConnectRouter) =>
      router
        .service(System, answers)
        .service(IbftOperator, ibft)
        .service(TxnPoolOperator, txpool)
        .service(Peers, peers)
        .service(Node, node);
    const server = createServer(connectNodeAdapter({ routes }));
    const sessions = new Set<ServerHttp2Session>();
    server.on('session', (session) => {
      sessions.add(session);
      session.once('close', () => sessions.delete(session));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new OperatorServer(`127.0.0.1:${port}`, server, sessions);
  }

  /** Connections that clients left open. */
  get openSessions(): number {
    return this.sessions.size;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const session of this.sessions) session.destroy();
    await closed;
  }
}
