import type { Duplex } from 'node:stream';
import type { Connection, Stream } from '@libp2p/interface';
import type { Observable } from 'rxjs';
import { errorFields, errorText } from '../../../../common/app-error.js';
import type { Clock } from '../../../../common/clock.js';
import type { Logger } from '../../../../common/logger.port.js';
import type { HostContext } from '../../host-context.js';
import type { ResourceLedger } from '../../limits/resource-ledger.js';
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
import type { PeerDiscovery } from '../../ports/peer-discovery.port.js';
import type { PeerAddress, PeerId, ProtocolId } from '../../ports/types.js';
import { listenAddress } from './advertised-addresses.js';
import { type ConnectionEntry, ConnectionTable, peerIdOf } from './connection-table.js';
import { firstPing } from './first-ping.js';
import { acceptStream } from './inbound-streams.js';
import { peerIdOfKey } from './keys.js';
import { listenError } from './libp2p-errors.js';
import { GossipTopics } from './libp2p-gossip.js';
import { createLibp2pNode, type Libp2pNode } from './libp2p-node.js';
import { withoutPeerId } from './multiaddrs.js';
import { type NameLookup, SYSTEM_LOOKUP } from './name-resolution.js';
import { OutgoingDials } from './outgoing-dials.js';
import { openStream } from './outgoing-streams.js';
import { PeerRecords } from './peer-records.js';
import { RedundantConnections } from './redundant-connections.js';

// What libp2p tells when an address of ours comes, goes or is seen by others.
const ADDRESS_CHANGES = ['self:peer:update', 'transport:listening', 'transport:close'] as const;

/**
 * A host on real sockets. It is used once: after `stop` it does not start again.
 *
 * @param names What resolves names, at each dial.
 * @throws {NetworkError} NETWORK.SETUP_INVALID | NETWORK.LISTEN_FAILED | NETWORK.BAD_ADDRESS
 */
export async function createLibp2pHost(
  context: HostContext,
  names: NameLookup = SYSTEM_LOOKUP,
): Promise<Host> {
  return new Libp2pHost(context, await createLibp2pNode(context), names);
}

class Libp2pHost implements Host {
  readonly peerId: PeerId;
  readonly events$: Observable<HostEvent>;
  readonly discoveries: readonly PeerDiscovery[];
  readonly #node: Libp2pNode;
  readonly #listenAddress: string;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #gossip: GossipTopics;
  readonly #records = new PeerRecords();
  readonly #ledger: ResourceLedger;
  readonly #streamsPerProtocol: number;
  readonly #table: ConnectionTable;
  readonly #dials: OutgoingDials;
  readonly #redundant: RedundantConnections;
  /** Until one changes: libp2p parses all of them each time, which each status asks for. */
  #addresses: readonly string[] | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(context: HostContext, node: Libp2pNode, names: NameLookup) {
    const { setup, config, log, clock, ledger, isRefused } = context;
    this.#ledger = ledger;
    this.#streamsPerProtocol = config.limits.streamsPerProtocol;
    this.peerId = peerIdOfKey(setup.networkKey);
    this.#listenAddress = listenAddress(config);
    this.#log = log;
    this.#clock = clock;
    this.#node = node;
    this.discoveries = node.discoveries;
    this.#gossip = new GossipTopics(node.gossip, log, config.gossip);
    const { libp2p } = node;
    this.#table = new ConnectionTable(this.peerId, clock, {
      closed: ({ id }) => this.#redundant.closed(id),
      left: (peerId) => {
        this.#records.forget(peerId);
        ledger.forget(peerId);
      },
      forget: ({ remotePeer }) => this.#inBackground(libp2p.peerStore.delete(remotePeer)),
    });
    this.events$ = this.#table.events$;
    this.#dials = new OutgoingDials({
      clock,
      table: this.#table,
      names,
      isRefused,
      attempt: node.dial,
    });
    this.#redundant = new RedundantConnections({
      self: this.peerId,
      clock,
      openTo: (peerId) => this.#table.listOf(peerId),
      agentOf: (peerId) => this.#records.infoOf(peerId).agent,
      close: (entry) => this.#inBackground(this.#close(entry)),
    });
    for (const changed of ADDRESS_CHANGES) {
      libp2p.addEventListener(changed, () => {
        this.#addresses = undefined;
      });
    }
    libp2p.addEventListener('connection:open', ({ detail }) => {
      this.#table.opened(detail);
      this.#redundant.check(peerIdOf(detail));
    });
    libp2p.addEventListener('connection:close', ({ detail }) => this.#table.closed(detail.id));
    libp2p.addEventListener('peer:identify', ({ detail }) => {
      const peerId = peerIdOf(detail.connection);
      if (this.#table.ofPeer(peerId) === undefined) return;
      this.#records.identified(peerId, detail);
      this.#inBackground(firstPing(detail.connection, clock, node.ping));
      this.#redundant.check(peerId);
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
    await Promise.all(this.discoveries.map((discovery) => discovery.stop()));
    this.#gossip.stop();
    await Promise.all(this.#table.list().map((entry) => this.#close(entry)));
    await this.#node.libp2p.stop();
    this.#table.end();
  }

  addresses(): readonly string[] {
    this.#addresses ??= this.#node.libp2p.getMultiaddrs().map(withoutPeerId);
    return this.#addresses;
  }

  dial(
    { peerId, transport }: PeerAddress,
    options: { signal: AbortSignal; timeoutMs: number },
  ): Promise<HostConnection> {
    const where = transport === '' ? this.#records.addressOf(peerId) : transport;
    return this.#dials.dial({ peerId, transport: where ?? '' }, options);
  }

  async disconnect(peerId: PeerId): Promise<void> {
    const ofPeer = this.#table.list().filter(({ connection }) => connection.peerId === peerId);
    await Promise.all(ofPeer.map((entry) => this.#close(entry)));
  }

  connections(): readonly HostConnection[] {
    return this.#table.list().map(({ connection }) => connection);
  }

  peerInfo(peerId: PeerId): HostPeerInfo {
    return { ...this.#records.infoOf(peerId), latencyMs: this.#table.ofPeer(peerId)?.raw.rtt };
  }

  rememberAddress({ peerId, transport }: PeerAddress): void {
    if (transport !== '') this.#records.remember(peerId, transport);
  }

  async openStream(
    peerId: PeerId,
    protocol: ProtocolId,
    { signal }: { signal: AbortSignal },
  ): Promise<Duplex> {
    if (signal.aborted) throw new NetworkError({ code: 'NETWORK.CANCELLED' }, signal.reason);
    const entry = this.#table.ofPeer(peerId);
    if (entry === undefined) throw new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId });
    return openStream(entry, protocol, {
      clock: this.#clock,
      ledger: this.#ledger,
      maxStreams: this.#streamsPerProtocol,
      signal,
    });
  }

  handle(protocol: ProtocolId, handler: StreamHandler): void {
    const onStream = (stream: Stream, raw: Connection) => {
      const entry = this.#table.get(raw.id);
      if (entry === undefined) stream.abort(new Error('connection closed'));
      else this.#accept(protocol, stream, entry.connection, handler);
    };
    const limits = {
      // An outer wall: the ledger refuses before, and says so.
      maxInboundStreams: 4 * this.#streamsPerProtocol,
      maxOutboundStreams: this.#streamsPerProtocol,
    };
    this.#inBackground(this.#node.libp2p.handle(protocol, onStream, { ...limits, force: true }));
  }

  #accept(protocol: ProtocolId, stream: Stream, connection: HostConnection, handler: StreamHandler): void {
    const accepted = acceptStream(this.#ledger, { peerId: connection.peerId, protocol }, stream);
    if (accepted !== undefined) handler(accepted, connection);
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

  publish(topic: string, data: Uint8Array): Promise<number> {
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
    work.catch((error: unknown) => this.#log.debug('libp2p bookkeeping failed', errorFields(error)));
  }
}
