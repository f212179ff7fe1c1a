import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { type NodeSettings, settingsSchema } from '../../src/config/schema.js';
import { System } from '../../src/gen/v1/system_pb.js';
import {
  addressOf,
  CHAIN,
  type Chain,
  ibftGenesisFile,
  parseGenesis,
  publicKeyOf,
  sealKey,
} from '../../src/modules/blockchain/index.js';
import { formatPeerAddress, PEERS, type Peers } from '../../src/modules/network/index.js';
import { SYNC, type Sync } from '../../src/modules/sync/index.js';
import { createNode, type EdgekeeperNode } from '../../src/node/create-node.js';
import { quietFrameworks } from '../../src/node/own-process.js';

type Settings = Partial<{ [Slice in keyof Omit<NodeSettings, 'node'>]: Partial<NodeSettings[Slice]> }>;

export interface TestNodeOptions {
  /** Text of a genesis.json. */
  readonly genesis: string;
  /** Kept at the end when given; else a new one that goes with the node. */
  readonly dataDir?: string;
  readonly networkKey?: Uint8Array;
  readonly validatorKey?: Uint8Array;
  /** What differs from the defaults, beside ports 0 and a silent log. */
  readonly settings?: Settings;
}

/** A whole node in this process, on free ports. */
export class TestNode {
  private constructor(
    private readonly node: EdgekeeperNode,
    private readonly ownDir: string | undefined,
  ) {}

  static async start(options: TestNodeOptions): Promise<TestNode> {
    const ownDir = options.dataDir ? undefined : await mkdtemp(join(tmpdir(), 'edgekeeper-test-'));
    const { network, system, telemetry, ...rest } = options.settings ?? {};
    const settings = settingsSchema.parse({
      ...rest,
      node: { dataDir: options.dataDir ?? ownDir },
      network: { listenPort: 0, discovery: false, ...network },
      system: { grpcPort: 0, ...system },
      telemetry: { logLevel: 'off', ...telemetry },
    });
    quietFrameworks();
    const node = await createNode({
      settings,
      chain: parseGenesis(options.genesis),
      networkKey: options.networkKey ?? aKey(),
      validators: options.validatorKey ? [sealKey(options.validatorKey)] : [],
    });
    const started = new TestNode(node, ownDir);
    try {
      await node.start();
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  get chain(): Chain {
    return this.node.app.get<Chain>(CHAIN);
  }
  get peers(): Peers {
    return this.node.app.get<Peers>(PEERS);
  }
  get sync(): Sync {
    return this.node.app.get<Sync>(SYNC);
  }
  /** Any other port, by its token. */
  get<T>(token: symbol): T {
    return this.node.app.get<T>(token, { strict: false });
  }

  /** Multiaddr with `/p2p`. */
  get address(): string {
    const address = this.peers.selfAddress();
    if (!address) throw new Error('the node has no address');
    return formatPeerAddress(address);
  }
  get operatorAddress(): string {
    return `127.0.0.1:${this.node.operatorPort()}`;
  }

  /** A client of the operator port, on a connection of its own. */
  system(): Client<typeof System> {
    return createClient(System, createGrpcTransport({ baseUrl: `http://${this.operatorAddress}` }));
  }

  async stop(): Promise<void> {
    await this.node.stop();
    if (this.ownDir) await rm(this.ownDir, { recursive: true, force: true });
  }
}

/** A random secp256k1 scalar (one that is not valid has a chance of 2^-128). */
export function aKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}

/** The genesis of a chain whose only validator has this key. */
export function singleValidatorGenesis(
  validatorKey: Uint8Array,
  { blockTimeMs = 1_000, bootnodes = [] as string[], chainId = 7_331 } = {},
): string {
  const file = ibftGenesisFile({
    name: 'test',
    chainId,
    validators: [{ address: addressOf(publicKeyOf(validatorKey, false)) }],
    bootnodes,
    blockTimeMs,
    epochSize: 100_000,
    gasLimit: 5_242_880n,
    premine: [],
  });
  return JSON.stringify(file);
}
