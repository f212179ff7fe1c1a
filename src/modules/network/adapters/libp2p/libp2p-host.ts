import type { Duplex } from 'node:stream';
import type { Connection, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Observable } from 'rxjs';
import { errorText } from '../../../../common/app-error.js';
import { type Clock, withDeadline } from '../../../../common/clock.js';
import type { Logger } from '../../../../common/logger.port.js';
import type { NetworkConfig } from '../../network.config.js';
import { NetworkError } from '../../network.errors.js';
import type {
  Host,
  HostConnection,
  HostEvent,
  HostMessage,
  HostPeerInfo,
  StreamHandler,
  TopicVerdict,
} from '../../ports/host.port.js';
import type { PeerAddress, PeerId, ProtocolId } from '../../ports/types.js';
import { listenAddress } from './advertised-addresses.js';
import { type ConnectionEntry, ConnectionTable, peerIdOf } from './connection-table.js';
import { InboundStreams, MAX_STREAMS_PER_PROTOCOL } from './inbound-streams.js';
import { peerIdOfKey } from './keys.js';
import { dialError, listenError, streamError } from './libp2p-errors.js';
import { GossipTopics } from './libp2p-gossip.js';
import { createLibp2pNode, type Libp2pNode } from './libp2p-node.js';
import { withoutPeerId } from './multiaddrs.js';
import { PeerRecords } from './peer-records.js';
import { StreamDuplex } from './stream-duplex.js';

/** Longest that opening a stream may take, ms; the peer has to answer the negotiation once. */
const OPEN_STREAM_TIMEOUT_MS = 10_000;
export interface Libp2pHostOptions {
  /** 32-byte secp256k1 scalar. */
  networkKey: Uint8Array;
  config: NetworkConfig;
  log: Logger;
  clock: Clock;
  /** What identify says of us, such as `edgekeeper/0.1.0`. */
  agent: string;
  /** A gossip message was dropped because its neighbour sent too many. */
  onGossipDropped: () => void;
}

/**
 * A host on real sockets. It is used once: after `stop` it does not start again.
 * @throws {NetworkError} NETWORK.SETUP_INVALID | NETWORK.LISTEN_FAILED | NETWORK.BAD_ADDRESS
 */
export async function createLibp2pHost(options: Libp2pHostOptions): Promise<Host> {
  return new Libp2pHost(options, await createLibp2pNode(options));
}

class Libp2pHost implements Host {
  readonly peerId: PeerId;
  readonly events$: Observable<HostEvent>;
  readonly #node: Libp2pNode;
  readonly #listenAddress: string;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #gossip: GossipTopics;
  readonly #records = new PeerRecords();
  readonly #inbound = new InboundStreams();
  readonly #table: ConnectionTable;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor({ networkKey, config, log, clock }: Libp2pHostOptions, node: Libp2pNode) {
    this.peerId = peerIdOfKey(networkKey);
    this.#listenAddress = listenAddress(config);
    this.#log = log;
    this.#clock = clock;
    this.#node = node;
    this.#gossip = new GossipTopics(node.gossip, log);
    const { libp2p } = node;
    this.#table = new ConnectionTable(clock, {
      closed: ({ id }) => this.#inbound.connectionClosed(id),
      left: (peerId) => this.#records.forget(peerId),
      forget: ({ remotePeer }) => this.#inBackground(libp2p.peerStore.delete(remotePeer)),
    });
    this.events$ = this.#table.events$;
    libp2p.addEventListener('connection:open', ({ detail }) => this.#table.opened(detail));
    libp2p.addEventListener('connection:close', ({ detail }) => this.#table.closed(detail.id));
    libp2p.addEventListener('peer:identify', ({ detail }) => {
      const peerId = peerIdOf(detail.connection);
      if (this.#table.ofPeer(peerId) !== undefined) this.#records.identified(peerId, detail);
    });
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    try {
      if (this.#stopping !== undefined) throw new Error('the host was stopped');
      await this.#node.libp2p.start();
      this.#gossip.start();
    } catch (error) {
      throw listenError(error, this.#listenAddress);
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // libp2p cannot be stopped while it starts. A failed start has stopped it already.
    await this.#starting?.catch(() => undefined);
    this.#gossip.stop();
    await Promise.all(this.#table.list().map((entry) => this.#close(entry)));
    await this.#node.libp2p.stop();
    this.#table.end();
  }

  addresses(): readonly string[] {
    return this.#node.libp2p.getMultiaddrs().map(withoutPeerId);
  }

  async dial(
    { peerId, transport }: PeerAddress,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<HostConnection> {
    if (signal.aborted) throw cancelled(signal.reason);
    const existing = this.#table.ofPeer(peerId);
    if (existing !== undefined) return existing.connection;
    const onTimeout = () => new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId, timeoutMs });
    try {
      return await withDeadline(this.#clock, { timeoutMs, signal, onTimeout }, async (until) => {
        if (this.#node.libp2p.status !== 'started') throw new Error('the host is not running');
        const where = transport === '' ? this.#records.addressOf(peerId) : transport;
        if (where === undefined) throw new Error('no address is known');
        const raw = await this.#node.dial(multiaddr(`${where}/p2p/${peerId}`), until);
        const entry = this.#table.get(raw.id);
        if (entry === undefined) throw new Error('the connection closed at once');
        return entry.connection;
      });
    } catch (error) {
      throw signal.aborted ? cancelled(error) : dialError(error, peerId);
    }
  }

  async disconnect(peerId: PeerId): Promise<void> {
    const ofPeer = this.#table.list().filter(({ connection }) => connection.peerId === peerId);
    await Promise.all(ofPeer.map((entry) => this.#close(entry)));
  }

  connections(): readonly HostConnection[] {
    return this.#table.list().map(({ connection }) => connection);
  }

  peerInfo(peerId: PeerId): HostPeerInfo {
    return this.#records.infoOf(peerId);
  }

  rememberAddress({ peerId, transport }: PeerAddress): void {
    if (transport !== '') this.#records.remember(peerId, transport);
  }

  async openStream(
    peerId: PeerId,
    protocol: ProtocolId,
    { signal }: { signal: AbortSignal },
  ): Promise<Duplex> {
    if (signal.aborted) throw cancelled(signal.reason);
    const entry = this.#table.ofPeer(peerId);
    if (entry === undefined) throw new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId });
    const reason = `no answer within ${OPEN_STREAM_TIMEOUT_MS} ms`;
    const onTimeout = () => new NetworkError({ code: 'NETWORK.STREAM_FAILED', peerId, protocol, reason });
    try {
      return await withDeadline(
        this.#clock,
        { timeoutMs: OPEN_STREAM_TIMEOUT_MS, signal, onTimeout },
        async (until) => {
          const stream = await entry.raw.newStream([protocol], {
            signal: until,
            maxOutboundStreams: MAX_STREAMS_PER_PROTOCOL,
          });
          if (until.aborted) stream.abort(new Error('opened too late'));
          return new StreamDuplex(stream);
        },
      );
    } catch (error) {
      throw signal.aborted ? cancelled(error) : streamError(error, peerId, protocol);
    }
  }

  handle(protocol: ProtocolId, handler: StreamHandler): void {
    const onStream = (stream: Stream, raw: Connection) => {
      const entry = this.#table.get(raw.id);
      if (entry === undefined) stream.abort(new Error('connection closed'));
      else handler(this.#inbound.accept(entry.connection.id, protocol, stream), entry.connection);
    };
    const limits = {
      maxInboundStreams: 2 * MAX_STREAMS_PER_PROTOCOL,
      maxOutboundStreams: MAX_STREAMS_PER_PROTOCOL,
    };
    this.#inBackground(this.#node.libp2p.handle(protocol, onStream, { ...limits, force: true }));
  }

  unhandle(protocol: ProtocolId): void {
    this.#inBackground(this.#node.libp2p.unhandle(protocol));
  }

  subscribe(topic: string, validator: (message: HostMessage) => TopicVerdict): void {
    this.#gossip.subscribe(topic, validator);
  }

  unsubscribe(topic: string): void {
    this.#gossip.unsubscribe(topic);
  }

  publish(topic: string, data: Uint8Array): Promise<void> {
    return this.#gossip.publish(topic, data);
  }

  /** Lets streams flush for a moment, then closes whatever they say. */
  async #close({ raw }: ConnectionEntry): Promise<void> {
    try {
      await raw.close();
    } catch (error) {
      raw.abort(error instanceof Error ? error : new Error(errorText(error)));
    }
    this.#table.closed(raw.id);
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.#log.debug('libp2p bookkeeping failed', { error: errorText(error) }));
  }
}

function cancelled(cause: unknown): NetworkError {
  return new NetworkError({ code: 'NETWORK.CANCELLED' }, cause);
}
