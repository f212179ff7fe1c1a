import 'reflect-metadata';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactoryStatic } from '@nestjs/core/nest-factory.js';
import { AppModule } from '../app.module.js';
import { toHex } from '../common/bytes.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { LOGGER, type Logger } from '../common/logger.port.js';
import { OpenParts } from '../common/open-parts.js';
import type { NodeSettings } from '../config/schema.js';
import type { Origin } from '../config/sources.js';
import { ACCESS, type Access } from '../modules/access/index.js';
import { CHAIN, type Chain, type ChainConfig } from '../modules/blockchain/index.js';
import { READINESS, type Readiness } from '../modules/telemetry/index.js';
import { NodeTransport } from '../transport/node-transport.js';
import type { NodeKeys } from './read-keys.js';

export interface CreateNodeOptions extends NodeKeys {
  readonly settings: NodeSettings;
  /** Who set each, by path. */
  readonly origins?: Readonly<Record<string, Origin>>;
  readonly chain: ChainConfig;
}

/** A whole node in this process. */
export interface EdgekeeperNode {
  /** The Nest application: ports are had with `app.get(TOKEN)`. */
  readonly app: INestMicroservice;
  /** The operator port in use; 0 before `start`. */
  operatorPort(): number;
  /** Opens sockets and starts all loops. @throws {AppError} of the module that could not start */
  start(): Promise<void>;
  /** Closes everything; also when half started, and twice. */
  stop(): Promise<void>;
}

/**
 * Builds a node: its chain is open and readable when this resolves, its sockets open with `start`. Nothing that other
 * code in the process shares is touched: no signal handler, no logger of Nest's.
 * @throws {AppError} of the module that could not be made; what the others had open is closed by then
 */
export async function createNode(options: CreateNodeOptions): Promise<EdgekeeperNode> {
  const { settings, chain, networkKey } = options;
  let application: INestMicroservice | undefined;
  const transport = new NodeTransport(settings.system, () => {
    if (application === undefined) throw new Error('the operator port opens before its application');
    return {
      access: application.get<Access>(ACCESS, { strict: false }),
      clock: application.get<Clock>(CLOCK),
      log: application.get<Logger>(LOGGER).child('transport'),
    };
  });
  // The network asks for the genesis hash at each handshake: a chain that waits for a peer's genesis has none yet.
  let ready: Chain | undefined;
  const genesisHash = () => {
    const hash = ready?.info().genesisHash;
    return hash && toHex(hash);
  };
  const { chainId, bootnodes } = chain;
  const network = { chainId, genesisHash, bootnodes, networkKey, dataDir: settings.node.dataDir };
  const openParts = new OpenParts();
  const module = AppModule.forRoot({ ...options, network, transport, openParts });
  // A factory of its own: Nest's keeps the options of whatever it makes last, which would then hold for a host as well.
  const app = await new NestFactoryStatic()
    .createMicroservice(module, { strategy: transport, abortOnError: false })
    .catch(async (error: unknown) => {
      await openParts.closeAll();
      throw error;
    });
  application = app;
  const openChain = app.get<Chain>(CHAIN);
  ready = openChain;
  const readiness = app.get<Readiness>(READINESS);
  readiness.add('chain', () => (openChain.head() ? undefined : 'the genesis block is not known yet'));
  readiness.add('operator port', () => (transport.port > 0 ? undefined : 'not open yet'));
  let stopped: Promise<void> | undefined;
  return {
    app,
    operatorPort: () => transport.port,
    start: async () => {
      await app.listen();
    },
    stop: () => {
      stopped ??= app.close();
      return stopped;
    },
  };
}
