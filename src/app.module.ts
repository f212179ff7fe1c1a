import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { buildInfo } from './common/build-info.js';
import type { OpenParts } from './common/open-parts.js';
import { packageVersion } from './common/package-facts.js';
import { effectiveSettings } from './config/effective-settings.js';
import type { NodeSettings } from './config/schema.js';
import type { Origin } from './config/sources.js';
import { AccessModule } from './modules/access/index.js';
import { BlockchainModule, type ChainConfig, type SealKey } from './modules/blockchain/index.js';
import { JsonRpcModule } from './modules/jsonrpc/index.js';
import { NetworkModule, type NetworkSetup } from './modules/network/index.js';
import { SyncModule } from './modules/sync/index.js';
import { GrpcExceptionFilter, type NodeFacts, SystemModule } from './modules/system/index.js';
import { TelemetryModule } from './modules/telemetry/index.js';
import { TxPoolModule } from './modules/txpool/index.js';
import type { NodeTransport } from './transport/node-transport.js';

export interface AppModuleOptions {
  readonly settings: NodeSettings;
  /** Who set each; the defaults where it is not said. */
  readonly origins?: Readonly<Record<string, Origin>>;
  readonly chain: ChainConfig;
  readonly network: NetworkSetup;
  /** The validators that may seal; none: this node only follows. */
  readonly validators: readonly SealKey[];
  readonly transport: NodeTransport;
  readonly openParts: OpenParts;
}

/** The only place that lists the modules and hands each its slice of the configuration. */
@Module({})
export class AppModule {
  static forRoot(options: AppModuleOptions): DynamicModule {
    const { settings, chain, network, validators, transport, openParts } = options;
    const blockchainModule = BlockchainModule.forRoot({
      config: settings.blockchain,
      chain,
      dataDir: settings.node.dataDir,
      validators,
      openParts,
    });
    const networkModule = NetworkModule.forRoot({
      config: settings.network,
      setup: network,
      handlers: transport,
      agent: `edgekeeper/${packageVersion()}`,
      openParts,
    });
    const nodeModules = [blockchainModule, networkModule];
    const txPoolModule = TxPoolModule.forRoot({
      config: settings.txpool,
      setup: chain,
      imports: nodeModules,
    });
    const syncModule = SyncModule.forRoot({
      config: settings.sync,
      setup: {
        protocol: settings.network.protocols.sync,
        maxBlockBytes: settings.blockchain.maxBlockBytes,
        blockStreamsPerPeer: settings.network.limits.blockStreamsPerPeer,
        blockBytesInFlight: settings.network.limits.blockBytesInFlight,
      },
      imports: nodeModules,
    });
    return {
      module: AppModule,
      imports: [
        TelemetryModule.forRoot(settings.telemetry),
        AccessModule.forRoot(settings.access),
        ...nodeModules,
        syncModule,
        txPoolModule,
        SystemModule.forRoot({
          config: settings.system,
          closing: transport.closing,
          health: transport,
          facts: nodeFacts(options),
          imports: [...nodeModules, syncModule, txPoolModule],
        }),
        JsonRpcModule.forRoot({
          config: settings.jsonrpc,
          chain,
          imports: [...nodeModules, syncModule, txPoolModule],
        }),
      ],
      providers: [{ provide: APP_FILTER, useClass: GrpcExceptionFilter }],
    };
  }
}

function nodeFacts({ settings, origins, chain, validators }: AppModuleOptions): NodeFacts {
  const { blockchain, network, telemetry } = settings;
  const isSealer = validators.length > 0 && blockchain.seal && chain.engine.name === 'ibft';
  return {
    version: packageVersion(),
    commit: buildInfo('commit'),
    role: isSealer ? 'sealer' : 'follower',
    adapters: { store: blockchain.store, network: network.adapter, log: telemetry.logFormat },
    maxInboundPeers: network.maxInboundPeers,
    maxOutboundPeers: network.maxOutboundPeers,
    settings: effectiveSettings(settings, origins),
  };
}
