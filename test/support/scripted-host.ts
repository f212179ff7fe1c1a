import type { Duplex } from 'node:stream';
import { Subject } from 'rxjs';
import { type Clock, withDeadline } from '../../src/common/clock.js';
import { NetworkError } from '../../src/modules/network/network.errors.js';
import type {
  Host,
  HostConnection,
  HostEvent,
  HostMessage,
  HostPeerInfo,
  TopicVerdict,
} from '../../src/modules/network/ports/host.port.js';
import type { Direction, PeerAddress, PeerId } from '../../src/modules/network/ports/types.js';

/** connect = an outbound connection opens, refuse = fails at once, hang = nothing until the deadline. */
export type DialScript = 'connect' | 'refuse' | 'hang';

/** A host whose connections a test opens and closes by hand, and which keeps a record of what it was asked. */
export class ScriptedHost implements Host {
  readonly #events = new Subject<HostEvent>();
  readonly #connections = new Map<string, HostConnection>();
  readonly #validators = new Map<string, (message: HostMessage) => TopicVerdict>();
  readonly discoveries = [];
  #nextId = 1;
  readonly events$ = this.#events.asObservable();
  /** In the order of the dials. */
  readonly dialed: PeerAddress[] = [];
  readonly remembered: PeerAddress[] = [];
  readonly published: { topic: string; data: Uint8Array }[] = [];
  readonly infos = new Map<PeerId, HostPeerInfo>();
  readonly listening: string[] = [];
  /** What a dial does; can be changed at any time. */
  dialScript: (address: PeerAddress) => DialScript = () => 'connect';

  constructor(
    readonly peerId: PeerId,
    private readonly clock: Clock,
  ) {}

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    for (const connection of [...this.#connections.values()]) this.close(connection);
  }

  /** A connection comes up. */
  open(peerId: PeerId, direction: Direction, remote = '/ip4/127.0.0.1/tcp/4000'): HostConnection {
    const connection = {
      id: `c${this.#nextId++}`,
      peerId,
      direction,
      remote,
      openedAtMs: this.clock.nowMs(),
    };
    this.#connections.set(connection.id, connection);
    this.#events.next({ type: 'connection:opened', connection });
    return connection;
  }

  /** A connection goes away. */
  close(connection: HostConnection): void {
    if (this.#connections.delete(connection.id)) this.#events.next({ type: 'connection:closed', connection });
  }

  closePeer(peerId: PeerId): void {
    for (const connection of this.connections()) if (connection.peerId === peerId) this.close(connection);
  }

  addresses(): readonly string[] {
    return this.listening;
  }

  async dial(
    address: PeerAddress,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<HostConnection> {
    const { peerId, transport } = address;
    this.dialed.push(address);
    const existing = this.connections().find((connection) => connection.peerId === peerId);
    if (existing !== undefined) return existing;
    const script = this.dialScript(address);
    if (script === 'refuse')
      throw new NetworkError({ code: 'NETWORK.DIAL_FAILED', peerId, reason: 'refused' });
    if (script === 'connect') return this.open(peerId, 'outbound', transport);
    const onTimeout = () => new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId, timeoutMs });
    return withDeadline(this.clock, { timeoutMs, signal, onTimeout }, () => new Promise(() => {}));
  }

  async disconnect(peerId: PeerId): Promise<void> {
    await Promise.resolve();
    this.closePeer(peerId);
  }

  connections(): readonly HostConnection[] {
    return [...this.#connections.values()];
  }

  peerInfo(peerId: PeerId): HostPeerInfo {
    return this.infos.get(peerId) ?? { protocols: [], addresses: [], agent: undefined, latencyMs: undefined };
  }

  rememberAddress(address: PeerAddress): void {
    this.remembered.push(address);
  }

  openStream(): Promise<Duplex> {
    throw new Error('a scripted host has no streams');
  }

  handle(): void {}
  unhandle(): void {}

  subscribe(topic: string, validator: (message: HostMessage) => TopicVerdict): void {
    this.#validators.set(topic, validator);
  }

  unsubscribe(topic: string): void {
    this.#validators.delete(topic);
  }

  get topics(): string[] {
    return [...this.#validators.keys()];
  }

  /** A gossip message comes in; undefined when nobody listens. */
  receive(message: HostMessage): TopicVerdict | undefined {
    return this.#validators.get(message.topic)?.(message);
  }

  async publish(topic: string, data: Uint8Array): Promise<number> {
    this.published.push({ topic, data });
    return this.#validators.has(topic) ? 1 : 0;
  }
}
