import { Inject, Injectable } from '@nestjs/common';
import { errorText } from '../../../common/app-error.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_METRICS, type NetworkMetrics } from '../network.metrics.js';
import { PeerTable } from '../peers/peer-table.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { PeerAddress } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';

/** Carries out single dials. */
@Injectable()
export class Dialer {
  constructor(
    @Inject(HOST) private readonly host: Host,
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    private readonly slots: ConnectionSlots,
    private readonly table: PeerTable,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_METRICS) private readonly metrics: NetworkMetrics,
  ) {}

  /**
   * Takes an outbound slot and connects. When it resolves, the handshake has taken the slot over.
   * A failure is published as `peer:dial-failed`, cancellation is not.
   *
   * @throws {NetworkError} NETWORK.NO_FREE_SLOT (not published: nothing was begun) | NETWORK.DIAL_FAILED | NETWORK.DIAL_TIMEOUT | NETWORK.CANCELLED
   */
  async dial(address: PeerAddress, signal: AbortSignal): Promise<void> {
    const { peerId } = address;
    if (!this.slots.beginDial(peerId)) {
      throw new NetworkError({ code: 'NETWORK.NO_FREE_SLOT', peerId, direction: 'outbound' });
    }
    const startMs = this.clock.monotonicMs();
    try {
      await this.#connect(address, signal);
      this.metrics.dialFinished('connected', this.clock.monotonicMs() - startMs);
    } catch (cause) {
      const error = asDialError(cause, address, signal);
      if (error.code !== 'NETWORK.CANCELLED') {
        const outcome = error.code === 'NETWORK.DIAL_TIMEOUT' ? 'timeout' : 'failed';
        this.metrics.dialFinished(outcome, this.clock.monotonicMs() - startMs);
        this.table.announce({ type: 'peer:dial-failed', peerId, error });
      }
      throw error;
    } finally {
      this.slots.endDial(peerId);
    }
  }

  async #connect(address: PeerAddress, signal: AbortSignal): Promise<void> {
    const { peerId, transport } = address;
    const refuse = (reason: string) => new NetworkError({ code: 'NETWORK.DIAL_FAILED', peerId, reason });
    if (peerId === this.host.peerId) throw refuse('it is this node');
    if (transport === '') throw refuse('the address has no transport part');
    await this.host.dial(address, { signal, timeoutMs: this.config.dialTimeoutMs });
  }
}

function asDialError(error: unknown, { peerId }: PeerAddress, signal: AbortSignal): NetworkError {
  if (signal.aborted) return new NetworkError({ code: 'NETWORK.CANCELLED' }, error);
  if (error instanceof NetworkError) return error;
  return new NetworkError({ code: 'NETWORK.DIAL_FAILED', peerId, reason: errorText(error) }, error);
}
