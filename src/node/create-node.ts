import 'reflect-metadata';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { toHex } from '../common/bytes.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { LOGGER, type Logger } from '../common/logger.port.js';
import type { NodeSettings } from '../config/schema.js';
import type { Origin } from '../config/sources.js';
import { ACCESS, type Access } from '../modules/access/index.js';
import { CHAIN, type Chain, type ChainConfig, type SealKey } from '../modules/blockchain/index.js';
import { READINESS, type Readiness } from '../modules/telemetry/index.js';
import { NodeTransport } from '../transport/node-transport.js';

export interface CreateNodeOptions {
  readonly settings: NodeSettings;
  /** Who set each, by path. */
  readonly origins?: Readonly<Record<string, Origin>>;
  readonly chain: ChainConfig;
  /** 32-byte secp256k1 scalar of the libp2p identity. */
  readonly networkKey: Uint8Array;
  /** The validators that may seal; none: this node only follows. */
  readonly validators: readonly SealKey[];
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

/** Builds a node: its chain is open and readable when this resolves, its sockets open with `start`. */
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
  const module = AppModule.forRoot({ ...options, network, transport });
  const app = await NestFactory.createMicroservice(module, {
    strategy: transport,
    logger: false,
    abortOnError: false,
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
