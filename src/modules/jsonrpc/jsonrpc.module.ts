import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import { isLoopbackHost } from '../../common/ip-address.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { METRICS } from '../../common/metrics.port.js';
import { RANDOM, type Random } from '../../common/random.js';
import { CHAIN, type Chain, type ChainConfig } from '../blockchain/index.js';
import { PEERS, type Peers } from '../network/index.js';
import { SYNC, type Sync } from '../sync/index.js';
import { TXPOOL, type TxPool } from '../txpool/index.js';
import { JSONRPC_CONFIG, type JsonRpcConfig } from './jsonrpc.config.js';
import { createJsonRpcMetrics, JSONRPC_METRICS, type JsonRpcMetrics } from './jsonrpc.metrics.js';
import { JSONRPC_SERVER, type JsonRpcServer } from './jsonrpc.server.js';

export interface JsonRpcModuleOptions {
  readonly config: JsonRpcConfig;
  readonly chain: ChainConfig;
  /** The modules that export PEERS, CHAIN and SYNC, and TXPOOL where there is a pool. */
  readonly imports: readonly DynamicModule[];
}

const JSONRPC_LOG = Symbol('JSONRPC_LOG');
const JSONRPC_STOP = Symbol('JSONRPC_STOP');

/** JSON-RPC, when `--jsonrpc` asks for it. Needs LOGGER, CLOCK, RANDOM and METRICS from a global module. */
@Module({})
export class JsonRpcModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(JSONRPC_SERVER) private readonly server: JsonRpcServer | undefined,
    @Inject(JSONRPC_CONFIG) private readonly config: JsonRpcConfig,
    @Inject(JSONRPC_LOG) private readonly log: Logger,
    @Inject(JSONRPC_STOP) private readonly stop: AbortController,
  ) {}

  static forRoot({ config, chain: chainConfig, imports }: JsonRpcModuleOptions): DynamicModule {
    return {
      module: JsonRpcModule,
      imports: [...imports],
      providers: [
        { provide: JSONRPC_CONFIG, useValue: config },
        { provide: JSONRPC_LOG, inject: [LOGGER], useFactory: (logger: Logger) => logger.child('jsonrpc') },
        { provide: JSONRPC_STOP, useFactory: () => new AbortController() },
        { provide: JSONRPC_METRICS, inject: [METRICS], useFactory: createJsonRpcMetrics },
        {
          provide: JSONRPC_SERVER,
          inject: [
            ...[CHAIN, PEERS, SYNC, CLOCK, RANDOM, JSONRPC_METRICS, JSONRPC_LOG, JSONRPC_STOP],
            { token: TXPOOL, optional: true },
          ],
          useFactory: async (
            chain: Chain,
            peers: Peers,
            sync: Sync,
            clock: Clock,
            random: Random,
            metrics: JsonRpcMetrics,
            log: Logger,
            { signal }: AbortController,
            pool: TxPool | undefined,
          ) => {
            if (config.port === undefined) return undefined;
            // Loaded only where it is used.
            const { createJsonRpcServer } = await import('./jsonrpc.setup.js');
            const ports = { chain, peers, sync, pool };
            return createJsonRpcServer({
              ...ports,
              config,
              chainConfig,
              clock,
              random,
              metrics,
              log,
              signal,
            });
          },
        },
      ],
      exports: [JSONRPC_SERVER],
    };
  }

  /** @throws {JsonRpcError} JSONRPC.PORT_TAKEN | JSONRPC.LISTEN_FAILED */
  async onApplicationBootstrap(): Promise<void> {
    if (this.server === undefined) return;
    await this.server.start();
    const { host } = this.config;
    this.log.info('JSON-RPC is served', { host, port: this.server.port });
    if (!isLoopbackHost(host)) {
      this.log.warn(
        'JSON-RPC is open to other machines, without encryption; put a proxy with TLS before it',
        {
          host,
        },
      );
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.server?.stop();
  }
}
