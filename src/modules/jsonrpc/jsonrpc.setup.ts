import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import { packageVersion } from '../../common/package-facts.js';
import type { Random } from '../../common/random.js';
import type { Chain, ChainConfig } from '../blockchain/index.js';
import type { Peers } from '../network/index.js';
import type { Sync } from '../sync/index.js';
import type { TxPool } from '../txpool/index.js';
import { Dispatcher } from './calls/dispatcher.js';
import { holderOf, Load } from './calls/load.js';
import type { MethodTable } from './calls/method.js';
import { Connections } from './http/connections.js';
import { HttpHandler } from './http/http-handler.js';
import type { JsonRpcConfig } from './jsonrpc.config.js';
import type { JsonRpcMetrics } from './jsonrpc.metrics.js';
import { JsonRpcServer } from './jsonrpc.server.js';
import { blockMethods } from './methods/block.methods.js';
import { BlockReader } from './methods/block-reader.js';
import { nodeMethods, subscriptionMethods } from './methods/node.methods.js';
import { RecentTransactions } from './methods/recent-transactions.js';
import { transactionMethods } from './methods/transaction.methods.js';
import type { ChainForms } from './objects/block.mapper.js';
import { Heads } from './websocket/heads.js';
import { Sessions } from './websocket/sessions.js';

/** What JSON-RPC asks of the node. */
export interface NodePorts {
  readonly chain: Chain;
  readonly peers: Peers;
  readonly sync: Sync;
  /** Undefined on a node without one. */
  readonly pool: TxPool | undefined;
}

export interface JsonRpcSetup extends NodePorts {
  readonly config: JsonRpcConfig;
  readonly chainConfig: ChainConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: JsonRpcMetrics;
  readonly log: Logger;
  /** Aborts when the node stops. */
  readonly signal: AbortSignal;
}

/** All of JSON-RPC, put together; undefined where it is not asked for. */
export function createJsonRpcServer(setup: JsonRpcSetup): JsonRpcServer | undefined {
  const { config, chainConfig, clock, random, metrics, log, chain, signal } = setup;
  if (config.port === undefined) return undefined;
  const forms = formsOf(chainConfig);
  const {
    batchLimit,
    maxInFlight,
    maxSubscriptions,
    subscriberBytes,
    host,
    port,
    maxConnections,
    allowedOrigins,
  } = config;
  const methods = methodTable(setup, forms);
  const load = new Load({ maxRequests: maxInFlight });
  const holder = holderOf(config.loopback);
  const dispatcher = new Dispatcher({ methods, batchLimit, clock, metrics, log });
  const heads = new Heads({ chain, forms, log, signal });
  const sessions = new Sessions({
    ...{ dispatcher, load, heads, random, metrics, log, clock, maxSubscriptions, subscriberBytes },
    holderOf: holder,
    maxMessageBytes: config.websocketMessageBytes,
    maxSessions: Math.floor(maxConnections / 2),
  });
  const about = { name: chainConfig.name, chain_id: chainConfig.chainId, version: packageVersion() };
  // The name that the operator gave to listen on is one to call by.
  const allowedHosts = [...config.allowedHosts, host];
  const web = {
    allowedHosts,
    allowedOrigins: allowedOrigins.includes('*') ? ('any' as const) : allowedOrigins,
  };
  const common = { load, holderOf: holder, clock, metrics, log };
  const handler = new HttpHandler({ web, dispatcher, about, ...common });
  const connections = new Connections(maxConnections, holder);
  return new JsonRpcServer({ host, port, connections, handler, sessions, metrics, clock, log });
}

function formsOf({ chainId, engine, forks }: ChainConfig): ChainForms {
  return {
    chainId,
    isPolybft: engine.name === 'polybft',
    hashWithType: (number) => forks.isActive('txHashWithType', number),
  };
}

function methodTable(
  { config, chainConfig, chain, pool, peers, sync }: JsonRpcSetup,
  forms: ChainForms,
): MethodTable {
  const reader = new BlockReader(chain);
  const recent = new RecentTransactions({ chain, reader, forms, maxBlocks: config.transactionLookupBlocks });
  const { chainId, name } = chainConfig;
  return new Map(
    Object.entries({
      ...nodeMethods({ chainId, clientVersion: clientVersion(name), peers, sync }),
      ...blockMethods(reader, forms),
      ...transactionMethods(reader, recent, pool, forms),
      ...subscriptionMethods(),
    }),
  );
}

/** The form of the Go client, which has the chain in the first place. @see polygon-edge@597a0f3 jsonrpc/web3_endpoint.go */
function clientVersion(chainName: string): string {
  const { platform, arch, version } = process;
  return `${chainName}/edgekeeper-${packageVersion()}/${platform}-${arch}/node${version.slice(1)}`;
}
