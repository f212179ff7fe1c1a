import { NEVER } from 'rxjs';
import { toHex } from '../../src/common/bytes.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import type { Random } from '../../src/common/random.js';
import { type Chain, type ChainConfig, keccak256, parseGenesis } from '../../src/modules/blockchain/index.js';
import { type JsonRpcConfig, jsonRpcConfigSchema } from '../../src/modules/jsonrpc/jsonrpc.config.js';
import { createJsonRpcMetrics } from '../../src/modules/jsonrpc/jsonrpc.metrics.js';
import type { JsonRpcServer } from '../../src/modules/jsonrpc/jsonrpc.server.js';
import { createJsonRpcServer, type NodePorts } from '../../src/modules/jsonrpc/jsonrpc.setup.js';
import type { Peers } from '../../src/modules/network/index.js';
import type { Sync, SyncProgress } from '../../src/modules/sync/index.js';
import { type PooledTransaction, type TxPool, TxPoolError } from '../../src/modules/txpool/index.js';
import { ManualClock } from './manual-clock.js';
import { ecdsaText } from './recorded-chain.js';
import { RecordingLogger } from './recording-logger.js';

/** Less is no transaction to {@link FakePool}, and more is too large. */
const LEAST_BYTES = 64;
const MOST_BYTES = 131_072;

/** A pool that takes whatever has the length of a transaction, and keeps it. */
export class FakePool implements TxPool {
  readonly events$ = NEVER;
  private readonly known = new Map<string, PooledTransaction>();

  async add(raw: Uint8Array, source: 'operator' | 'rpc'): Promise<PooledTransaction> {
    if (raw.length < LEAST_BYTES) throw new TxPoolError({ code: 'TXPOOL.BAD_SIGNATURE' });
    if (raw.length > MOST_BYTES)
      throw new TxPoolError({ code: 'TXPOOL.TOO_LARGE', bytes: raw.length, maxBytes: MOST_BYTES });
    const hash = toHex(keccak256(raw));
    const transaction: PooledTransaction = { hash, raw, sender: '0x', nonce: 0n, receivedAtMs: 0, source };
    this.known.set(hash, transaction);
    return transaction;
  }

  get(hash: string): PooledTransaction | undefined {
    return this.known.get(hash);
  }

  size(): number {
    return this.known.size;
  }
}

export const idle: SyncProgress = {
  state: 'idle',
  startingHeight: 0,
  currentHeight: 0,
  highestHeight: 0,
  peerId: undefined,
  peers: 0,
  blocksPerSecond: undefined,
  secondsLeft: undefined,
};

export interface UnderTestOptions {
  readonly chain: Chain;
  readonly chainConfig?: ChainConfig;
  readonly config?: Partial<JsonRpcConfig>;
  readonly progress?: SyncProgress;
  readonly peers?: number;
  readonly pool?: TxPool;
}

/** JSON-RPC on a free port of loopback, over ports that a test gives. */
export class JsonRpcUnderTest {
  readonly log = new RecordingLogger();
  readonly clock = new ManualClock();
  private readonly stopping = new AbortController();
  private readonly server: JsonRpcServer;
  private ids = 0;

  constructor({ chain, chainConfig = parseGenesis(ecdsaText), config, ...rest }: UnderTestOptions) {
    const { progress = idle, peers = 0, pool } = rest;
    const ports: NodePorts = {
      chain,
      pool,
      sync: { progress: () => progress } as Partial<Sync> as Sync,
      peers: { list: () => Array.from({ length: peers }) } as unknown as Peers,
    };
    const random: Random = { bytes: (length) => new Uint8Array(length).fill(++this.ids), below: () => 0 };
    const server = createJsonRpcServer({
      ...ports,
      config: jsonRpcConfigSchema.parse({ port: 0, ...config }),
      chainConfig,
      clock: this.clock,
      random,
      metrics: createJsonRpcMetrics(new NoMetrics()),
      log: this.log,
      signal: this.stopping.signal,
    });
    if (server === undefined) throw new Error('no port was given');
    this.server = server;
  }

  static async start(options: UnderTestOptions): Promise<JsonRpcUnderTest> {
    const rpc = new JsonRpcUnderTest(options);
    await rpc.server.start();
    return rpc;
  }

  get port(): number {
    return this.server.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get webSocketUrl(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  async post(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  }

  /** The whole reply to one call. */
  async reply(method: string, ...params: unknown[]): Promise<RpcReply> {
    const response = await this.post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    return (await response.json()) as RpcReply;
  }

  /** The result of one call; fails with what the reply says when there is none. */
  async call(method: string, ...params: unknown[]): Promise<unknown> {
    const { result, error } = await this.reply(method, ...params);
    if (error !== undefined) throw new Error(JSON.stringify(error));
    return result;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.server.stop();
  }
}

export interface RpcReply {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}
