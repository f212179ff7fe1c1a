import type { Connection } from '@libp2p/interface';
import { Subject } from 'rxjs';
import type { Clock } from '../../../../common/clock.js';
import type { HostConnection, HostEvent } from '../../ports/host.port.js';
import type { PeerId } from '../../ports/types.js';
import { withoutPeerId } from './multiaddrs.js';
import { isDialedByLower } from './redundant-connections.js';

/** After its last connection closed, libp2p forgets a peer so much later, ms: gossipsub still looks it up when it leaves. */
const FORGET_AFTER_MS = 30_000;

/** A connection as the port shows it, and libp2p's own. */
export interface ConnectionEntry {
  readonly connection: HostConnection;
  readonly raw: Connection;
}

export interface ConnectionTableHooks {
  /** The connection closed; its event follows. */
  closed(connection: HostConnection): void;
  /** The peer's last connection closed. Called after the event. */
  left(peerId: PeerId): void;
  /** The peer has been away for a while: libp2p may forget it. */
  forget(raw: Connection): void;
}

/** The live connections, and the events that tell of them. */
export class ConnectionTable {
  readonly #subject = new Subject<HostEvent>();
  readonly events$ = this.#subject.asObservable();
  readonly #self: PeerId;
  readonly #clock: Clock;
  readonly #hooks: ConnectionTableHooks;
  readonly #entries = new Map<string, ConnectionEntry>();
  /** Peers without a connection that libp2p still knows; each with what cancels its removal. */
  readonly #leaving = new Map<PeerId, () => void>();

  constructor(self: PeerId, clock: Clock, hooks: ConnectionTableHooks) {
    this.#self = self;
    this.#clock = clock;
    this.#hooks = hooks;
  }

  list(): ConnectionEntry[] {
    return [...this.#entries.values()];
  }

  get(id: string): ConnectionEntry | undefined {
    return this.#entries.get(id);
  }

  /** The peer's connections that are open, oldest first. */
  listOf(peerId: PeerId): ConnectionEntry[] {
    return this.list().filter(({ connection, raw }) => connection.peerId === peerId && raw.status === 'open');
  }

  /** The peer's connection to use: the one that the lower peer ID dialed, since it stays; else its oldest that is open. */
  ofPeer(peerId: PeerId): ConnectionEntry | undefined {
    const open = this.listOf(peerId);
    return open.find(({ connection }) => isDialedByLower(this.#self, connection)) ?? open[0];
  }

  opened(raw: Connection): void {
    // It may have closed during its upgrade, and a relayed one is not used.
    if (raw.status !== 'open' || raw.limits !== undefined) return;
    const peerId = peerIdOf(raw);
    this.#leaving.get(peerId)?.();
    this.#leaving.delete(peerId);
    const connection = hostConnection(raw, this.#clock);
    this.#entries.set(connection.id, { connection, raw });
    this.#subject.next({ type: 'connection:opened', connection });
  }

  /** Safe to call more than once. */
  closed(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const { connection, raw } = entry;
    this.#entries.delete(id);
    this.#hooks.closed(connection);
    this.#subject.next({ type: 'connection:closed', connection });
    const { peerId } = connection;
    if (this.ofPeer(peerId) !== undefined) return;
    this.#hooks.left(peerId);
    const cancel = this.#clock.setTimeout(() => {
      this.#leaving.delete(peerId);
      this.#hooks.forget(raw);
    }, FORGET_AFTER_MS);
    this.#leaving.set(peerId, cancel);
  }

  /** Closes what is left and ends the events. */
  end(): void {
    for (const id of [...this.#entries.keys()]) this.closed(id);
    for (const cancel of this.#leaving.values()) cancel();
    this.#leaving.clear();
    this.#subject.complete();
  }
}

export function peerIdOf({ remotePeer }: Connection): PeerId {
  return remotePeer.toString() as PeerId;
}

/** As the port shows it, opened now. */
export function hostConnection(raw: Connection, clock: Clock): HostConnection {
  const { id, direction, remoteAddr } = raw;
  const remote = withoutPeerId(remoteAddr);
  return { id, peerId: peerIdOf(raw), direction, remote, openedAtMs: clock.nowMs() };
}
