import type { Connection } from '@libp2p/interface';
import { type Clock, withDeadline } from '../../../../common/clock.js';
import { NetworkError } from '../../network.errors.js';
import type { ConnectionFilter, HostConnection } from '../../ports/host.port.js';
import type { PeerAddress, PeerId } from '../../ports/types.js';
import type { ConnectionEntry, ConnectionTable } from './connection-table.js';
import { dialError } from './libp2p-errors.js';
import { type NameLookup, placesOf } from './name-resolution.js';

export interface OutgoingDialsOptions {
  readonly clock: Clock;
  readonly table: ConnectionTable;
  readonly names: NameLookup;
  readonly isRefused: ConnectionFilter;
  /** One attempt to a multiaddr of an IP address. */
  readonly attempt: (place: string, peerId: PeerId, signal: AbortSignal) => Promise<Connection>;
}

/**
 * Our dials: names are resolved each time, the places found are tried in turn, and there is one dial to a peer at a
 * time. A peer that comes to us meanwhile ends our dial, so that no second connection arises.
 */
export class OutgoingDials {
  readonly #running = new Map<PeerId, Promise<unknown>>();

  constructor(private readonly options: OutgoingDialsOptions) {}

  /**
   * Resolves with a connection to the peer, one that is there included.
   *
   * @param timeoutMs for all places together; each gets an equal share of what is left
   * @throws {NetworkError} NETWORK.DIAL_FAILED | NETWORK.DIAL_TIMEOUT | NETWORK.BANNED | NETWORK.CANCELLED
   */
  async dial(
    address: PeerAddress,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<HostConnection> {
    const { peerId } = address;
    const cancelled = (cause: unknown) => new NetworkError({ code: 'NETWORK.CANCELLED' }, cause);
    if (signal.aborted) throw cancelled(signal.reason);
    const existing = this.options.table.ofPeer(peerId);
    if (existing !== undefined) return existing.connection;
    const onTimeout = () => new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId, timeoutMs });
    try {
      const deadline = { timeoutMs, signal, onTimeout };
      const work = (until: AbortSignal) => this.#inTurn(address, timeoutMs, until);
      return (await withDeadline(this.options.clock, deadline, work)).connection;
    } catch (error) {
      throw signal.aborted ? cancelled(error) : dialError(error, peerId);
    }
  }

  /** Waits for another dial to the peer, whose connection will do, before it begins one. */
  async #inTurn(address: PeerAddress, timeoutMs: number, signal: AbortSignal): Promise<ConnectionEntry> {
    const { peerId } = address;
    const { clock, table } = this.options;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    for (
      let running = this.#running.get(peerId);
      running !== undefined;
      running = this.#running.get(peerId)
    ) {
      await running;
      signal.throwIfAborted();
      const entry = table.ofPeer(peerId);
      if (entry !== undefined) return entry;
    }
    const dialing = this.#unlessTheyCome(peerId, signal, (until) =>
      this.#tryPlaces(address, deadlineMs, until),
    );
    const ended = dialing.then(
      () => {},
      () => {},
    );
    this.#running.set(peerId, ended);
    try {
      return await dialing;
    } finally {
      this.#running.delete(peerId);
    }
  }

  /** Runs a dial that an inbound connection of the same peer ends. */
  async #unlessTheyCome(
    peerId: PeerId,
    signal: AbortSignal,
    work: (until: AbortSignal) => Promise<ConnectionEntry>,
  ): Promise<ConnectionEntry> {
    const { table } = this.options;
    const ours = new AbortController();
    const { promise: theirs, resolve, reject } = Promise.withResolvers<ConnectionEntry>();
    const giveUp = () => {
      ours.abort(signal.reason);
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    const watching = table.events$.subscribe(({ type, connection }) => {
      const entry = table.get(connection.id);
      if (type !== 'connection:opened' || connection.peerId !== peerId) return;
      if (connection.direction !== 'inbound' || entry === undefined) return;
      ours.abort(new Error('the peer dialed us first'));
      resolve(entry);
    });
    try {
      return await Promise.race([work(ours.signal), theirs]);
    } finally {
      watching.unsubscribe();
      signal.removeEventListener('abort', giveUp);
    }
  }

  async #tryPlaces(address: PeerAddress, deadlineMs: number, signal: AbortSignal): Promise<ConnectionEntry> {
    const { clock, table, names, isRefused, attempt } = this.options;
    const { peerId, transport } = address;
    if (transport === '') throw new Error('no address is known');
    const places = await placesOf(address, names, signal);
    const allowed = places.filter((place) => !isRefused(place, peerId));
    let failure: unknown = new NetworkError({ code: 'NETWORK.BANNED', target: peerId, reason: 'not dialed' });
    for (const [tried, place] of allowed.entries()) {
      const timeoutMs = Math.max(0, deadlineMs - clock.monotonicMs()) / (allowed.length - tried);
      const onTimeout = () => new NetworkError({ code: 'NETWORK.DIAL_TIMEOUT', peerId, timeoutMs });
      try {
        const work = (until: AbortSignal) => attempt(place, peerId, until);
        const isLast = tried === allowed.length - 1;
        const { id } = await (isLast
          ? work(signal)
          : withDeadline(clock, { timeoutMs, signal, onTimeout }, work));
        const entry = table.get(id);
        if (entry !== undefined) return entry;
        failure = new Error('the connection closed at once');
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  }
}
