import { z } from 'zod';

export const NETWORK_CONFIG = Symbol('NETWORK_CONFIG');

const port = z.int().min(0).max(65_535);
const names = (description: string, value: string) =>
  z.string().min(1).max(128).default(value).describe(description);

const cidrs = (description: string) =>
  z.array(z.string().max(64)).max(1_024).default([]).describe(description);

/** What peers may cost. `…PerPeer` and the like bound one peer, the plain names bound all together. */
const networkLimitsSchema = z.strictObject({
  loopback: z
    .enum(['exempt', 'count'])
    .default('exempt')
    .describe('Whether limits by address hold for loopback addresses too'),
  acceptsPerSecond: z
    .number()
    .min(0.1)
    .default(5)
    .describe('Connections that one address may open per second'),
  acceptBurst: z.int().min(1).default(20).describe('Connections that one address may open at once'),
  pendingHandshakes: z
    .int()
    .min(1)
    .default(64)
    .describe('Inbound connections whose handshake may run at a time'),
  streamsPerProtocol: z
    .int()
    .min(1)
    .default(64)
    .describe('Streams of one protocol that a peer may hold open; beyond it the oldest idle one is closed'),
  streamsPerPeer: z.int().min(1).default(512).describe('Streams of all protocols that a peer may hold open'),
  streams: z.int().min(1).default(8_192).describe('Streams of all peers'),
  memoryBytesPerPeer: z
    .int()
    .min(65_536)
    .default(32 * 1_024 * 1_024)
    .describe('Bytes that may wait in buffers of one peer'),
  memoryBytes: z
    .int()
    .min(1_048_576)
    .default(256 * 1_024 * 1_024)
    .describe('Bytes that may wait in buffers of all peers'),
  callsPerSecond: z
    .number()
    .min(0.1)
    .default(200)
    .describe(
      'Calls of one method that a peer may make per second; those beyond wait their turn, up to a second',
    ),
  callBurst: z.int().min(1).default(400).describe('Calls of one method that a peer may make at once'),
  callsPerPeer: z.int().min(1).default(32).describe('Calls of a peer under way at a time'),
  calls: z.int().min(1).default(512).describe('Calls of all peers under way at a time'),
  blockStreamsPerPeer: z.int().min(1).default(4).describe('GetBlocks answers that one peer gets at a time'),
  blockBytesInFlight: z
    .int()
    .min(1_048_576)
    .default(24 * 1_024 * 1_024)
    .describe(
      'Bytes of blocks on their way to all peers together, shared out fairly; framed and encrypted they take up to three times as much memory',
    ),
});

export type NetworkLimits = z.infer<typeof networkLimitsSchema>;

/** Settings of the network module; every default is stated here only. Values mirror polygon-edge network/config.go and server/config. */
export const networkConfigSchema = z.strictObject({
  adapter: z.enum(['libp2p', 'memory']).default('libp2p').describe('Which host carries connections'),
  listenHost: z.string().default('127.0.0.1').describe('IP address to listen on'),
  listenPort: port.default(1478).describe('TCP port to listen on; 0 takes a free one'),
  websocket: z
    .strictObject({
      listen: z
        .string()
        .max(128)
        .optional()
        .describe(
          'Multiaddr to take peers over WebSockets too, such as /ip4/0.0.0.0/tcp/1479/ws; off when it is not set',
        ),
      announce: z
        .string()
        .max(512)
        .optional()
        .describe(
          'Multiaddr to advertise for it, such as that of a proxy that ends TLS: /dns4/node.example.org/tcp/443/wss',
        ),
      dial: z
        .boolean()
        .default(false)
        .describe('Dial /ws and /wss addresses of bootnodes, static and added peers; listening implies it'),
    })
    .prefault({}),
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
  rotationIntervalMs: z
    .int()
    .min(1_000)
    .default(300_000)
    .describe(
      'Between two outbound peers that are given up while all slots are held and a bootnode is away, ms',
    ),
  bucketSize: z
    .int()
    .min(1)
    .max(256)
    .default(20)
    .describe('Peers per bucket of the routing table; it bounds what is told to others, not whom we dial'),
  peerSources: z
    .array(z.enum(['edge', 'kad-dht', 'mdns', 'static']))
    .default(['edge', 'static'])
    .describe(
      'Ways of finding peers: the protocol of the Go client, a DHT among our own nodes, the local network, staticPeers',
    ),
  staticPeers: z
    .array(z.string().max(512))
    .max(256)
    .default([])
    .describe('Multiaddrs with /p2p of peers to be kept connected'),
  trustedPeers: z
    .array(z.string().max(128))
    .max(256)
    .default([])
    .describe('IDs of peers that always find a slot and are never judged'),
  reservedSlots: z
    .int()
    .min(0)
    .max(10_000)
    .default(16)
    .describe('Slots beside the others for trusted and static peers; more of them take ordinary slots'),
  courtesySlots: z
    .int()
    .min(0)
    .max(1_000)
    .default(8)
    .describe('Handshakes that a full node still completes, as temporary dials, to tell of other peers'),
  courtesyMs: z.int().min(100).default(5_000).describe('Longest that such a connection stays, ms'),
  announceDenyCidrs: cidrs('Networks whose addresses are never told to others'),
  acceptDenyCidrs: cidrs('Networks whose addresses are never dialed when others tell them'),
  quarantineMs: z
    .int()
    .min(1_000)
    .default(3_600_000)
    .describe('How long a peer of another chain is left alone, ms'),
  peerStore: z
    .enum(['lmdb', 'memory'])
    .default('lmdb')
    .describe('Where peers, scores and bans are remembered'),
  peerStoreCapacity: z.int().min(16).max(1_000_000).default(4_096).describe('Peers remembered'),
  gossip: z
    .strictObject({
      messagesPerSecond: z
        .int()
        .min(1)
        .default(100)
        .describe('Messages that a neighbour may send per second; more are dropped and lower its score'),
      burst: z
        .int()
        .min(1)
        .default(400)
        .describe('Messages that a neighbour may send at once after a silence'),
      totalMessagesPerSecond: z
        .int()
        .min(1)
        .default(1_000)
        .describe('Messages that all neighbours together may send per second'),
      totalBurst: z
        .int()
        .min(1)
        .default(4_000)
        .describe('Messages that all neighbours together may send at once'),
      maxMessageBytes: z
        .int()
        .min(1_024)
        .max(64 * 1_024 * 1_024)
        .default(1_024 * 1_024)
        .describe('Largest gossip RPC, bytes; Go peers of the Edge line take no larger one, some forks do'),
    })
    .prefault({}),
  limits: networkLimitsSchema.prefault({}),
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
  /** Folder for what the network keeps; undefined: nothing is kept. */
  readonly dataDir?: string | undefined;
}

export const NETWORK_SETUP = Symbol('NETWORK_SETUP');
