/** A node of network and sync over a chain that a bench gives. */
import '../dist/polyfill.js';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { SystemClock } from '../dist/common/clock.js';
import { SilentLogger } from '../dist/common/logger.port.js';
import { settingsSchema } from '../dist/config/schema.js';
import { createAccess } from '../dist/modules/access/index.js';
import { CHAIN, CHAIN_WRITER } from '../dist/modules/blockchain/index.js';
import { NetworkModule, PEERS } from '../dist/modules/network/index.js';
import { SyncModule } from '../dist/modules/sync/index.js';
import { TelemetryModule } from '../dist/modules/telemetry/index.js';
import { NodeTransport } from '../dist/transport/node-transport.js';

/** @returns The Nest application, listening, and its address with `/p2p`. */
export async function startBenchApp({ chain, chainId, folder }) {
  class BenchChainModule {}
  const chainModule = {
    module: BenchChainModule,
    providers: [
      { provide: CHAIN, useValue: chain },
      { provide: CHAIN_WRITER, useValue: {} },
    ],
    exports: [CHAIN, CHAIN_WRITER],
  };
  const settings = settingsSchema.parse({
    node: { dataDir: folder },
    network: { listenPort: 0, discovery: false },
    system: { grpcPort: 0 },
    telemetry: { logLevel: process.env.BENCH_LOG ?? 'error' },
  });
  const transport = new NodeTransport(settings.system, () => {
    const clock = new SystemClock();
    const log = new SilentLogger();
    return { access: createAccess({ config: settings.access, clock, log }), clock, log };
  });
  const networkModule = NetworkModule.forRoot({
    config: settings.network,
    setup: {
      chainId,
      genesisHash: () => undefined,
      bootnodes: [],
      networkKey: crypto.getRandomValues(new Uint8Array(32)),
    },
    handlers: transport,
    agent: 'edgekeeper/bench',
  });
  const syncModule = SyncModule.forRoot({
    config: settings.sync,
    setup: {
      protocol: settings.network.protocols.sync,
      maxBlockBytes: settings.blockchain.maxBlockBytes,
      blockStreamsPerPeer: settings.network.limits.blockStreamsPerPeer,
      blockBytesInFlight: settings.network.limits.blockBytesInFlight,
    },
    imports: [networkModule, chainModule],
  });
  class BenchModule {}
  const imports = [TelemetryModule.forRoot(settings.telemetry), networkModule, syncModule];
  const app = await NestFactory.createMicroservice(
    { module: BenchModule, imports },
    { strategy: transport, logger: false },
  );
  await app.listen();
  const self = app.get(PEERS).selfAddress();
  return { app, address: `${self.transport}/p2p/${self.peerId}` };
}
