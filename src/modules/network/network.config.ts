import { z } from 'zod';

export const NETWORK_CONFIG = Symbol('NETWORK_CONFIG');

const port = z.int().min(0).max(65_535);
const names = (description: string, value: string) =>
  z.string().min(1).max(128).default(value).describe(description);

/** Settings of the network module; every default is stated here only. Values mirror polygon-edge network/config.go and server/config. */
export const networkConfigSchema = z.strictObject({
  adapter: z.enum(['libp2p', 'memory']).default('libp2p').describe('Which host carries connections'),
  listenHost: z.string().default('127.0.0.1').describe('IP address to listen on'),
  listenPort: port.default(1478).describe('TCP port to listen on; 0 takes a free one'),
  natAddress: z.string().optional().describe('IP address to advertise instead of the ones listened on'),
  dnsAddress: z.string().optional().describe('DNS name to advertise, such as dns4/node.example.org'),
  discovery: z.boolean().default(true).describe('Look for peers'),
  maxInboundPeers: z.int().min(0).max(10_000).default(32).describe('Slots for peers that dialed us'),
  maxOutboundPeers: z.int().min(0).max(10_000).default(8).describe('Slots for peers that we dialed'),
  dialTimeoutMs: z.int().min(100).default(10_000).describe('Longest a dial may take, ms'),
  handshakeTimeoutMs: z.int().min(100).default(10_000).describe('Longest a Hello may take, ms'),
  findPeersTimeoutMs: z.int().min(100).default(10_000).describe('Longest a FindPeers may take, ms'),
  discoveryIntervalMs: z.int().min(100).default(5_000).describe('Between two queries of a random peer, ms'),
  bootnodeIntervalMs: z
    .int()
    .min(100)
    .default(60_000)
    .describe('Between two queries of a bootnode that is no peer, ms'),
  keepAliveIntervalMs: z
    .int()
    .min(100)
    .default(10_000)
    .describe('Between two checks that there are peers, ms'),
  reconnectBaseMs: z
    .int()
    .min(10)
    .default(1_000)
    .describe('First wait before a lost bootnode is dialed again, ms; doubles, with jitter'),
  reconnectMaxMs: z
    .int()
    .min(100)
    .default(20_000)
    .describe('Longest wait before a lost bootnode is dialed again, ms'),
  gossipMessagesPerSecond: z
    .int()
    .min(1)
    .default(100)
    .describe('Gossip messages that a neighbour may send per second; more are dropped and lower its score'),
  gossipBurst: z
    .int()
    .min(1)
    .default(400)
    .describe('Gossip messages that a neighbour may send at once after a silence'),
  protocols: z
    .strictObject({
      identity: names('Protocol ID of the handshake', '/id/0.1'),
      discovery: names('Protocol ID of discovery', '/disc/0.1'),
      sync: names('Protocol ID of sync', '/syncer/0.2'),
    })
    .prefault({}),
});

export type NetworkConfig = z.infer<typeof networkConfigSchema>;

/** What the network must know of the chain; set by the application, not by a user. */
export interface NetworkSetup {
  readonly chainId: number;
  /** Lower-case 0x hex when known. */
  readonly genesisHash: () => string | undefined;
  /** Multiaddrs with `/p2p`, from genesis; undefined when genesis has no such key. */
  readonly bootnodes: readonly string[] | undefined;
  /** The 32-byte secp256k1 scalar of the node's identity. */
  readonly networkKey: Uint8Array;
}

export const NETWORK_SETUP = Symbol('NETWORK_SETUP');
