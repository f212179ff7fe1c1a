import type { Duplex } from 'node:stream';
import { Subject } from 'rxjs';
import { type Clock, withDeadline } from '../../../../common/clock.js';
import { NetworkError } from '../../network.errors.js';
import {
  type ConnectionFilter,
  type Host,
  type HostConnection,
  type HostEvent,
  type HostMessage,
  type HostPeerInfo,
  MAX_GOSSIP_BYTES,
  type StreamHandler,
  type TopicVerdict,
} from '../../ports/host.port.js';
import type { Direction, PeerAddress, PeerId, ProtocolId } from '../../ports/types.js';
import { MemoryGossip } from './memory-gossip.js';
import type { MemoryNetwork } from './memory-network.js';
import { duplexPair } from './paired-duplex.js';

/** One end of a link between two hosts, as its host sees it. */
interface LinkEnd {
  readonly connection: HostConnection;
  readonly remoteHost: InMemoryHost;
  /** Streams of the link, from both ends. */
  readonly streams: Set<Duplex>;
}

let lastLink = 0;

/**
 * A host without sockets, for tests and simulations: same promises as the real one, no timers but the clock's.
 * It is used once: after `stop` it does not start again.
 */
export class InMemoryHost implements Host {
  readonly peerId: PeerId;
  readonly discoveries = [];
  readonly #subject = new Subject<HostEvent>();
  readonly events$ = this.#subject.asObservable();
  readonly #network: MemoryNetwork;
  readonly #clock: Clock;
  readonly #handlers = new Map<ProtocolId, StreamHandler>();
  /** By link ID, which both ends share. */
  readonly #links = new Map<string, LinkEnd>();
  readonly #addresses = new Map<PeerId, string>();
  readonly #gossip: MemoryGossip;
  readonly #isRefused: ConnectionFilter;
  #address: string | undefined;
  #stopped = false;

  constructor(options: {
    network: MemoryNetwork;
    peerId: PeerId;
    clock: Clock;
    isRefused?: ConnectionFilter | undefined;
  }) {
    this.#isRefused = options.isRefused ?? (() => false);
    this.#network = options.network;
    this.#clock = options.clock;
    this.peerId = options.peerId;
    this.#gossip = new MemoryGossip(options.peerId, () => this.#neighbours());
  }

  async start(): Promise<void> {
    if (this.#address !== undefined) return;
    const reason = this.#stopped ? 'the host was stopped' : 'the peer ID is taken';
    if (this.#stopped || this.#network.hostOf(this.peerId) !== undefined) {
      throw new NetworkError({ code: 'NETWORK.LISTEN_FAILED', address: '/memory', reason });
    }
    this.#address = this.#network.attach(this);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#address = undefined;
    this.#network.detach(this);
    for (const id of [...this.#links.keys()]) this.#closeLink(id);
    this.#subject.complete();
  }

  addresses(): readonly string[] {
    return this.#address === undefined ? [] : [this.#address];
  }

  async dial(
    { peerId, transport }: PeerAddress,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<HostConnection> {
    if (signal.aborted) throw cancelled(signal.reason);
    const existing = this.#linkTo(peerId);
    if (existing !== undefined) return existing.connection;
    const onTimeout = () => new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId, timeoutMs });
    const where = transport === '' ? this.#addresses.get(peerId) : transport;
    try {
      return await withDeadline(this.#clock, { timeoutMs, signal, onTimeout }, (until) =>
        this.#call(peerId, where, until),
      );
    } catch (error) {
      throw signal.aborted ? cancelled(error) : error;
    }
  }

  async #call(peerId: PeerId, where: string | undefined, until: AbortSignal): Promise<HostConnection> {
    const failed = (reason: string) => new NetworkError({ code: 'NETWORK.DIAL_FAILED', peerId, reason });
    if (this.#address === undefined) throw failed('the host is not running');
    if (peerId === this.peerId) throw failed('that is ourselves');
    if (where === undefined) throw failed('no address is known');
    if (this.#isRefused(where, peerId))
      throw new NetworkError({ code: 'NETWORK.BANNED', target: peerId, reason: 'not dialed' });
    const target = this.#network.at(where);
    if (target === undefined) throw failed('connection refused');
    if (target === 'silent') return new Promise(() => {});
    if (target.peerId !== peerId) throw failed(`${target.peerId} answered`);
    if (target.#isRefused(this.#address, undefined) || target.#isRefused(this.#address, this.peerId))
      throw failed('refused');
    await Promise.resolve();
    until.throwIfAborted();
    const connection = this.#link(target, where);
    if (connection === undefined) throw failed('the connection closed at once');
    return connection;
  }

  /** Joins both hosts; undefined when one of them closed the link from its event. */
  #link(target: InMemoryHost, where: string): HostConnection | undefined {
    if (this.#address === undefined || target.#address === undefined) return undefined;
    lastLink += 1;
    const id = `memory-${lastLink}`;
    const streams = new Set<Duplex>();
    const end = (remoteHost: InMemoryHost, direction: Direction, remote: string): LinkEnd => ({
      connection: { id, peerId: remoteHost.peerId, direction, remote, openedAtMs: this.#clock.nowMs() },
      remoteHost,
      streams,
    });
    const ours = end(target, 'outbound', where);
    this.#links.set(id, ours);
    const theirs = end(this, 'inbound', this.#address);
    target.#links.set(id, theirs);
    target.#subject.next({ type: 'connection:opened', connection: theirs.connection });
    if (this.#links.get(id) === ours)
      this.#subject.next({ type: 'connection:opened', connection: ours.connection });
    return this.#links.has(id) ? ours.connection : undefined;
  }

  async disconnect(peerId: PeerId): Promise<void> {
    for (const [id, { connection }] of [...this.#links]) {
      if (connection.peerId === peerId) this.#closeLink(id);
    }
  }

  connections(): readonly HostConnection[] {
    return [...this.#links.values()].map(({ connection }) => connection);
  }

  peerInfo(peerId: PeerId): HostPeerInfo {
    const remote = this.#linkTo(peerId)?.remoteHost;
    if (remote === undefined) {
      return { protocols: [], addresses: [], agent: undefined, latencyMs: undefined };
    }
    return {
      protocols: [...remote.#handlers.keys()],
      addresses: remote.addresses(),
      agent: 'memory',
      latencyMs: 0,
    };
  }

  rememberAddress({ peerId, transport }: PeerAddress): void {
    if (transport !== '') this.#addresses.set(peerId, transport);
  }

  async openStream(
    peerId: PeerId,
    protocol: ProtocolId,
    { signal }: { signal: AbortSignal },
  ): Promise<Duplex> {
    if (signal.aborted) throw cancelled(signal.reason);
    await Promise.resolve();
    if (signal.aborted) throw cancelled(signal.reason);
    const link = this.#linkTo(peerId);
    if (link === undefined) throw new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId });
    const { remoteHost, streams, connection } = link;
    const handler = remoteHost.#handlers.get(protocol);
    const theirs = remoteHost.#links.get(connection.id);
    if (handler === undefined || theirs === undefined) {
      throw new NetworkError({ code: 'NETWORK.PROTOCOL_UNSUPPORTED', peerId, protocol });
    }
    const pair = duplexPair();
    for (const stream of pair) {
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
    }
    handler(pair[1], theirs.connection);
    return pair[0];
  }

  handle(protocol: ProtocolId, handler: StreamHandler): void {
    this.#handlers.set(protocol, handler);
  }

  unhandle(protocol: ProtocolId): void {
    this.#handlers.delete(protocol);
  }

  subscribe(topic: string, validator: (message: HostMessage) => TopicVerdict): void {
    this.#gossip.subscribe(topic, validator);
  }

  unsubscribe(topic: string): void {
    this.#gossip.unsubscribe(topic);
  }

  async publish(topic: string, data: Uint8Array): Promise<number> {
    const failed = (reason: string) => new NetworkError({ code: 'NETWORK.PUBLISH_FAILED', topic, reason });
    if (this.#address === undefined) throw failed('the host is not running');
    if (data.length > MAX_GOSSIP_BYTES)
      throw failed(`${data.length} bytes are more than ${MAX_GOSSIP_BYTES}`);
    return this.#gossip.publish(topic, data);
  }

  #linkTo(peerId: PeerId): LinkEnd | undefined {
    for (const link of this.#links.values()) if (link.connection.peerId === peerId) return link;
    return undefined;
  }

  /** Closes both ends. */
  #closeLink(id: string): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    for (const stream of [...link.streams]) stream.destroy(new Error('connection closed'));
    this.#forgetLink(id);
    link.remoteHost.#forgetLink(id);
  }

  #forgetLink(id: string): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    this.#links.delete(id);
    this.#subject.next({ type: 'connection:closed', connection: link.connection });
  }

  /** Each neighbour once, however many links there are. */
  *#neighbours(): Iterable<{ peerId: PeerId; gossip: MemoryGossip }> {
    const hosts = new Set([...this.#links.values()].map(({ remoteHost }) => remoteHost));
    for (const host of hosts) yield { peerId: host.peerId, gossip: host.#gossip };
  }
}

function cancelled(cause: unknown): NetworkError {
  return new NetworkError({ code: 'NETWORK.CANCELLED' }, cause);
}
