import type { GossipSub } from '@libp2p/gossipsub';
import { identify, identifyPush } from '@libp2p/identify';
import type {
  ComponentLogger,
  Connection,
  ConnectionEncrypter,
  Libp2p,
  Logger,
  MessageStream,
} from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import type { Clock } from '../../../../common/clock.js';
import type { NetworkConfig } from '../../network.config.js';
import { announcedHost, listenAddress } from './advertised-addresses.js';
import { Allowances } from './allowances.js';
import { gatherSends } from './gathered-sends.js';
import { InboundGate } from './inbound-gate.js';
import { privateKeyOf } from './keys.js';
import { gossipService } from './libp2p-gossip.js';
import { dnsFamily } from './multiaddrs.js';
import { useNativeSignatures } from './native-signatures.js';

/** Connections beyond twice the slots, for bootnode queries and peers whose handshake decides. */
const RESERVE_CONNECTIONS = 32;
/** Go peers use 256 KiB at the start; more under /yamux/1.0.0 is not safe with old peers. It doubles while it is drained fast. */
const INITIAL_WINDOW_BYTES = 256 * 1024;
/** Largest window, and what a paused stream may hold: the one must not exceed the other. */
const MAX_WINDOW_BYTES = 4 * 1024 * 1024;
const MAX_WRITE_BUFFER_BYTES = 4 * 1024 * 1024;
/** What may wait for a socket that does not drain (answers to pings, window updates) before the connection is dropped. */
const MAX_CONNECTION_BUFFER_BYTES = 8 * 1024 * 1024;
/**
 * Bytes that a socket takes before it asks to wait. With Node's 16 KiB each Noise message is more than that, and the
 * answer to every one of them would climb through all layers before the next is sent.
 */
const SOCKET = { noDelay: true, highWaterMark: 256 * 1024 };
/** Streams of all protocols that a peer may hold open on one connection. */
const MAX_STREAMS_PER_CONNECTION = 512;
const UPGRADE_TIMEOUT_MS = 10_000;
const NEGOTIATION_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 500;

/** libp2p with the two calls that its public face lacks. */
export interface Libp2pNode {
  readonly libp2p: Libp2p;
  readonly gossip: GossipSub;
  /** One attempt to this very address, which must end in `/p2p/<id>`; past libp2p's dial queue with its own retries, timeouts and address book. */
  dial(address: Multiaddr, signal: AbortSignal): Promise<Connection>;
}

/** The part of libp2p's transport manager that is used here. */
interface Transports {
  dial(address: Multiaddr, options: { signal: AbortSignal; family: 0 | 4 | 6 }): Promise<Connection>;
  getAddrs(): Multiaddr[];
}

/**
 * libp2p as the Go client has it: TCP, Noise, Yamux (negotiated inside Noise), identify, ping, gossipsub. No discovery, no dials of its own.
 * @throws {NetworkError} NETWORK.SETUP_INVALID | NETWORK.LISTEN_FAILED | NETWORK.BAD_ADDRESS
 * @see polygon-edge@597a0f3 network/server.go NewServer
 * @remarks Differs: speaks TCP only; the Go client can also dial QUIC and WebSocket. Relayed connections are not used.
 */
export async function createLibp2pNode(options: {
  networkKey: Uint8Array;
  config: NetworkConfig;
  agent: string;
  clock: Clock;
  /** A gossip message was dropped because its neighbour sent too many. */
  onGossipDropped: () => void;
}): Promise<Libp2pNode> {
  const { config, clock, onGossipDropped } = options;
  const { gossipBurst: burst, gossipMessagesPerSecond: perSecond } = config;
  useNativeSignatures();
  const announced = announcedHost(config);
  const gate = new InboundGate(clock);
  let listening = (): Multiaddr[] => [];
  const libp2p = await createLibp2p({
    start: false,
    privateKey: privateKeyOf(options.networkKey),
    nodeInfo: { name: 'edgekeeper', version: '', userAgent: options.agent },
    logger: SILENT,
    addresses: {
      listen: [listenAddress(config)],
      // The library would keep public addresses back until a peer confirmed them, which Go peers do not do.
      announceFilter: () => advertised(listening(), announced),
    },
    transports: [tcp({ dialOpts: SOCKET, listenOpts: SOCKET })],
    connectionEncrypters: [(components) => tuned(noise()(components))],
    streamMuxers: [
      yamux({
        maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
        maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
        streamOptions: {
          initialStreamWindowSize: INITIAL_WINDOW_BYTES,
          maxStreamWindowSize: MAX_WINDOW_BYTES,
          maxReadBufferLength: MAX_WINDOW_BYTES,
          maxWriteBufferLength: MAX_WRITE_BUFFER_BYTES,
        },
      }),
    ],
    connectionManager: {
      maxConnections: 2 * (config.maxInboundPeers + config.maxOutboundPeers) + RESERVE_CONNECTIONS,
      // The gate decides who waits for a handshake and how fast one address may come; these are only the outer walls.
      maxIncomingPendingConnections: 1_024,
      inboundConnectionThreshold: 10_000,
      inboundUpgradeTimeout: UPGRADE_TIMEOUT_MS,
      inboundStreamProtocolNegotiationTimeout: NEGOTIATION_TIMEOUT_MS,
      outboundStreamProtocolNegotiationTimeout: NEGOTIATION_TIMEOUT_MS,
      connectionCloseTimeout: CLOSE_TIMEOUT_MS,
      reconnectRetries: 0,
    },
    // Finds connections whose other end vanished without a word; slow enough not to mistake a busy peer for a dead one.
    connectionMonitor: { pingInterval: 30_000, pingTimeout: { minTimeout: 20_000 } },
    connectionGater: {
      denyInboundConnection: (connection) => !gate.admit(connection),
      denyInboundUpgradedConnection: (_peerId, connection) => {
        gate.settled(connection);
        return false;
      },
    },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      gossip: gossipService(new Allowances(clock, { burst, perSecond }), onGossipDropped),
      transports: ({ transportManager }: { transportManager: Transports }) => {
        listening = () => transportManager.getAddrs();
        return { dial: transportManager.dial.bind(transportManager) };
      },
    },
  });
  const { gossip, transports } = libp2p.services;
  return {
    libp2p,
    gossip,
    // `family` reaches the socket's connect(), which is how dns4 and dns6 keep to theirs.
    dial: (address, signal) => transports.dial(address, { signal, family: dnsFamily(address) }),
  };
}

function advertised(listening: Multiaddr[], announced: string | undefined): Multiaddr[] {
  if (announced === undefined) return listening;
  const port = listening[0]?.getComponents().find(({ name }) => name === 'tcp')?.value;
  return port === undefined ? [] : [multiaddr(`${announced}/tcp/${port}`)];
}

/** Caps what Noise holds back for a socket that does not drain, where the library sets no limit, and sends in few packets. */
function tuned<Encrypter extends ConnectionEncrypter>(encrypter: Encrypter): Encrypter {
  const cap = <Secured extends { connection: MessageStream }>(secured: Secured): Secured => {
    secured.connection.maxWriteBufferLength = MAX_CONNECTION_BUFFER_BYTES;
    return secured;
  };
  const secureInbound = encrypter.secureInbound.bind(encrypter);
  const secureOutbound = encrypter.secureOutbound.bind(encrypter);
  encrypter.secureInbound = async (connection, options) =>
    cap(await secureInbound(gatherSends(connection), options));
  encrypter.secureOutbound = async (connection, options) =>
    cap(await secureOutbound(gatherSends(connection), options));
  return encrypter;
}

const silent: Logger = Object.assign(() => {}, {
  error: () => {},
  trace: () => {},
  enabled: false,
  newScope: () => silent,
});

/** libp2p formats and prints what peers sent; our own logs say what happened. */
const SILENT: ComponentLogger = { forComponent: () => silent };
