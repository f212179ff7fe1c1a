import type { GossipSub } from '@libp2p/gossipsub';
import { identify, identifyPush } from '@libp2p/identify';
import type { Connection, Libp2p } from '@libp2p/interface';
import type { KadDHTComponents } from '@libp2p/kad-dht';
import { noise } from '@libp2p/noise';
import { type Ping, ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import type { HostContext } from '../../host-context.js';
import type { PeerDiscovery } from '../../ports/peer-discovery.port.js';
import type { PeerId } from '../../ports/types.js';
import {
  advertised,
  announcedHost,
  checkWebSocketAnnounce,
  listenAddresses,
} from './advertised-addresses.js';
import { protocolMeters } from './byte-meters.js';
import { capPeerStore } from './capped-peer-store.js';
import { connectionGater } from './connection-gater.js';
import { discoveriesOf } from './discoveries.js';
import { InboundGate } from './inbound-gate.js';
import { privateKeyOf } from './keys.js';
import { gossipService } from './libp2p-gossip.js';
import { withoutPeerId } from './multiaddrs.js';
import { useNativeSignatures } from './native-signatures.js';
import { rationed } from './rationed-streams.js';
import { tuneEncrypter } from './secured-connections.js';
import { SILENT } from './silent-logger.js';
import type { Entrance } from './websocket-listener.js';
import { webSocketTransport } from './websocket-transport.js';
import { guardedYamux } from './yamux-guard.js';

/** Connections beyond twice the slots, for bootnode queries and peers whose handshake decides. */
const RESERVE_CONNECTIONS = 32;
/** Go peers use 256 KiB at the start; more under /yamux/1.0.0 is not safe with old peers. It doubles while it is drained fast. */
const INITIAL_WINDOW_BYTES = 256 * 1024;
/** Largest window, and what a paused stream may hold: the one must not exceed the other. */
const MAX_WINDOW_BYTES = 4 * 1024 * 1024;
const MAX_WRITE_BUFFER_BYTES = 4 * 1024 * 1024;
/**
 * Bytes that a socket takes before it asks to wait. With Node's 16 KiB each Noise message is more than that, and the
 * answer to every one of them would climb through all layers before the next is sent.
 */
const SOCKET = { noDelay: true, highWaterMark: 256 * 1024 };
/** Streams of a connection beyond those that the ledger counts: for gossip, identify and what still negotiates. */
const UNCOUNTED_STREAMS = 64;
/** Identify, pushes of it and pings: Go peers use a few a minute, each of at most ten messages of 8 KiB. */
const SERVICE_RATION = { burst: 32, perSecond: 1, maxBytes: 96 * 1024 };
const UPGRADE_TIMEOUT_MS = 10_000;
const NEGOTIATION_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 500;

/** libp2p with the calls that its public face lacks. */
export interface Libp2pNode {
  readonly libp2p: Libp2p;
  readonly gossip: GossipSub;
  readonly discoveries: readonly PeerDiscovery[];
  /** One attempt to a multiaddr without `/p2p`; past libp2p's dial queue with its own retries, timeouts and address book. */
  dial(place: string, peerId: PeerId, signal: AbortSignal): Promise<Connection>;
  /** Round trip to the peer of a connection, ms. */
  ping(raw: Connection, signal: AbortSignal): Promise<number>;
}

/** The part of libp2p's transport manager that is used here. */
interface Transports {
  dial(address: Multiaddr, options: { signal: AbortSignal }): Promise<Connection>;
  getAddrs(): Multiaddr[];
}

/**
 * libp2p as the Go client has it: TCP, Noise, Yamux (negotiated inside Noise), identify, ping, gossipsub, and what finds peers. No dials of its own.
 * @throws {NetworkError} NETWORK.SETUP_INVALID | NETWORK.LISTEN_FAILED | NETWORK.BAD_ADDRESS
 * @see polygon-edge@597a0f3 network/server.go NewServer
 * @remarks Differs: speaks TCP, and WebSocket where it is asked to; the Go client can also dial QUIC. Relayed connections are not used.
 */
export async function createLibp2pNode(context: HostContext): Promise<Libp2pNode> {
  const { config, setup, clock, ledger } = context;
  useNativeSignatures();
  const announced = announcedHost(config);
  checkWebSocketAnnounce(config.websocket.announce);
  const gate = inboundGate(context);
  let listening = (): Multiaddr[] => [];
  const libp2p = await createLibp2p({
    start: false,
    privateKey: privateKeyOf(setup.networkKey),
    nodeInfo: { name: 'edgekeeper', version: '', userAgent: context.agent },
    logger: SILENT,
    addresses: {
      listen: listenAddresses(config),
      // The library would keep public addresses back until a peer confirmed them, which Go peers do not do.
      announceFilter: () => advertised(listening(), announced, config.websocket.announce),
    },
    transports: [tcp({ dialOpts: SOCKET, listenOpts: SOCKET }), ...webSockets(context, gate)],
    connectionEncrypters: [(components) => tuneEncrypter(noise()(components), ledger)],
    metrics: protocolMeters(ledger),
    streamMuxers: [
      guardedYamux(
        yamux({
          maxInboundStreams: config.limits.streamsPerPeer + UNCOUNTED_STREAMS,
          maxOutboundStreams: config.limits.streamsPerPeer + UNCOUNTED_STREAMS,
          streamOptions: {
            initialStreamWindowSize: INITIAL_WINDOW_BYTES,
            maxStreamWindowSize: MAX_WINDOW_BYTES,
            maxReadBufferLength: MAX_WINDOW_BYTES,
            maxWriteBufferLength: MAX_WRITE_BUFFER_BYTES,
          },
        }),
        clock,
      ),
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
    connectionGater: connectionGater(gate, context.isRefused),
    services: {
      identify: (components) => identify()(rationed(components, SERVICE_RATION, context)),
      identifyPush: (components) => identifyPush()(rationed(components, SERVICE_RATION, context)),
      // Two of ours at a time: the monitor's and the first one of a connection.
      ping: (components) => ping({ maxOutboundStreams: 2 })(rationed(components, SERVICE_RATION, context)),
      gossip: gossipService(context),
      transports: ({ transportManager }: { transportManager: Transports }) => {
        listening = () => transportManager.getAddrs();
        return { dial: transportManager.dial.bind(transportManager) };
      },
      // Not started by libp2p, which would also keep whomever they tell of.
      found: (components: Omit<KadDHTComponents, 'ping'>) => ({
        discoveries: discoveriesOf(context, components as KadDHTComponents),
      }),
    },
  });
  capPeerStore(libp2p.peerStore, libp2p.peerId);
  const { gossip, transports, found } = libp2p.services;
  return {
    libp2p,
    gossip,
    discoveries: found.discoveries,
    dial: async (place, peerId, signal) => {
      if (libp2p.status !== 'started') throw new Error('the host is not running');
      return transports.dial(multiaddr(`${place}/p2p/${peerId}`), { signal });
    },
    ping: ({ remotePeer }, signal) => (libp2p.services.ping as Ping).ping(remotePeer, { signal }),
  };
}

/** Only where the operator wants them; bans hold from the first byte, as the HTTP upgrade costs something too. */
function webSockets({ config, clock, isRefused }: HostContext, gate: InboundGate) {
  const { listen, dial } = config.websocket;
  if (listen === undefined && !dial) return [];
  const entrance: Entrance = {
    admit: (arrival) => !isRefused(withoutPeerId(arrival.remoteAddr), undefined) && gate.admit(arrival),
    replace: (arrival, connection) => gate.replace(arrival, connection),
  };
  return [webSocketTransport({ clock, entrance })];
}

/** The door, with what the operator is shown of it. */
function inboundGate({ clock, config, ledger, metrics }: HostContext): InboundGate {
  return new InboundGate({
    clock,
    limits: config.limits,
    onPending: (count) => {
      ledger.pendingHandshakes = count;
      metrics.pendingHandshakes(count);
    },
    onRefused: (resource) => metrics.limitRefused(resource, resource === 'accepts' ? 'peer' : 'total'),
  });
}
