import { Inject, Injectable } from '@nestjs/common';
import { errorText } from '../../../common/app-error.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { PeerBook } from '../book/peer-book.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_METRICS, type NetworkMetrics } from '../network.metrics.js';
import { PeerTable } from '../peers/peer-table.js';
import { HOST, type Host, type HostConnection } from '../ports/host.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';

/** Carries out single dials. */
@Injectable()
export class Dialer {
  readonly #underWay = new Map<PeerId, { readonly address: PeerAddress; readonly cancel: AbortController }>();

  constructor(
    @Inject(HOST) private readonly host: Host,
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    private readonly slots: ConnectionSlots,
    private readonly table: PeerTable,
    private readonly book: PeerBook,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_METRICS) private readonly metrics: NetworkMetrics,
  ) {}

  /**
   * Takes an outbound slot and connects. When it resolves, with the dial's connection or one that was there, the
   * handshake has taken the slot over.
   * A failure is published as `peer:dial-failed`, cancellation is not.
   *
   * @throws {NetworkError} NETWORK.NO_FREE_SLOT (not published: nothing was begun) | NETWORK.DIAL_FAILED | NETWORK.DIAL_TIMEOUT | NETWORK.CANCELLED, and what `cancel` is given
   */
  async dial(address: PeerAddress, signal: AbortSignal): Promise<HostConnection> {
    const { peerId } = address;
    if (!this.slots.beginDial(peerId)) {
      throw new NetworkError({ code: 'NETWORK.NO_FREE_SLOT', peerId, direction: 'outbound' });
    }
    const cancel = new AbortController();
    const onAbort = () => cancel.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#underWay.set(peerId, { address, cancel });
    const startMs = this.clock.monotonicMs();
    try {
      const connection = await this.#connect(address, cancel.signal);
      this.metrics.dialFinished('connected', this.clock.monotonicMs() - startMs);
      return connection;
    } catch (cause) {
      const error = asDialError(cause, address, cancel.signal);
      if (error.code !== 'NETWORK.CANCELLED') this.#onFailure(address, error, startMs, cancel.signal.aborted);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#underWay.delete(peerId);
      this.slots.endDial(peerId);
    }
  }

  /** Ends a dial of the peer that is under way, if there is one; it fails with this error. */
  cancel(peerId: PeerId, error: NetworkError): void {
    this.#underWay.get(peerId)?.cancel.abort(error);
  }

  underWay(): readonly PeerAddress[] {
    return [...this.#underWay.values()].map(({ address }) => address);
  }

  /** Transports of the outbound connections and dials that there are. */
  occupied(): readonly string[] {
    const outbound = this.host.connections().filter(({ direction }) => direction === 'outbound');
    return [...outbound.map(({ remote }) => remote), ...this.underWay().map(({ transport }) => transport)];
  }

  #onFailure(address: PeerAddress, error: NetworkError, startMs: number, isCancelled: boolean): void {
    const outcome = error.code === 'NETWORK.DIAL_TIMEOUT' ? 'timeout' : 'failed';
    this.metrics.dialFinished(outcome, this.clock.monotonicMs() - startMs);
    if (!isCancelled) this.book.failed(address);
    this.table.announce({ type: 'peer:dial-failed', peerId: address.peerId, error });
  }

  async #connect(address: PeerAddress, signal: AbortSignal): Promise<HostConnection> {
    const { peerId, transport } = address;
    const refuse = (reason: string) => new NetworkError({ code: 'NETWORK.DIAL_FAILED', peerId, reason });
    if (peerId === this.host.peerId) throw refuse('it is this node');
    if (transport === '') throw refuse('the address has no transport part');
    return await this.host.dial(address, { signal, timeoutMs: this.config.dialTimeoutMs });
  }
}

function asDialError(error: unknown, { peerId }: PeerAddress, signal: AbortSignal): NetworkError {
  if (signal.aborted && signal.reason instanceof NetworkError) return signal.reason;
  if (signal.aborted) return new NetworkError({ code: 'NETWORK.CANCELLED' }, error);
  if (error instanceof NetworkError) return error;
  return new NetworkError({ code: 'NETWORK.DIAL_FAILED', peerId, reason: errorText(error) }, error);
}
