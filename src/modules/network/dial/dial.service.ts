import { Inject, Injectable } from '@nestjs/common';
import { errorText } from '../../../common/app-error.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import { NETWORK_LOG } from '../network.log.js';
import { PeerTable } from '../peers/peer-table.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { DialBackoff } from './backoff.js';
import { DialPriority, DialQueue } from './dial-queue.js';
import { Dialer } from './dialer.service.js';

const MAX_QUEUED_DIALS = 1_024;
const MAX_REACHABLE = 64;

/**
 * Works the dial queue off as outbound slots come free. Requested dials go first, yet wait for a slot like others.
 *
 * @see polygon-edge@597a0f3 network/server.go runDial
 * @remarks Differs: a slot is free or not by the same count that admits connections, and peers that failed wait for their backoff.
 */
@Injectable()
export class DialService {
  readonly #queue = new DialQueue(MAX_QUEUED_DIALS);
  /** Where peers were dialed that hold a slot and are not in the table yet, and where dials led to a peer. */
  readonly #dialing = new Map<PeerId, PeerAddress>();
  readonly #reachable = new Map<PeerId, PeerAddress>();
  readonly #stop = new AbortController();
  #working = false;
  #started = false;

  constructor(
    private readonly dialer: Dialer,
    private readonly slots: ConnectionSlots,
    private readonly table: PeerTable,
    private readonly backoff: DialBackoff,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  /** Begins to dial; what was queued before goes out now. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    const options = { signal: this.#stop.signal, log: this.log };
    onEvent(this.table.events$, (event) => this.#learn(event), options);
    onEvent(this.slots.changed$, () => this.#onSlotsChanged(), options);
    this.#work();
  }

  /** Cancels the dials under way and takes no more. */
  stop(): void {
    this.#stop.abort(new NetworkError({ code: 'NETWORK.CANCELLED' }));
  }

  /**
   * Queues a dial and publishes `peer:dial-queued`.
   *
   * @returns false when there is nothing to do: the peer is connected, under way or queued, or, unless requested, is in its backoff.
   */
  enqueue(address: PeerAddress, priority: DialPriority): boolean {
    if (this.#stop.signal.aborted || !this.#wants(address.peerId, priority)) return false;
    if (!this.#queue.add(address, priority)) return false;
    this.table.announce({ type: 'peer:dial-queued', address, priority });
    this.#work();
    return true;
  }

  /** Addresses that led to a peer, the latest last. */
  reachable(): readonly PeerAddress[] {
    return [...this.#reachable.values()];
  }

  #wants(peerId: PeerId, priority: DialPriority): boolean {
    if (priority === DialPriority.REQUESTED) return !this.table.has(peerId);
    return this.slots.stageOf(peerId) === undefined && this.backoff.waitMs(peerId) === 0;
  }

  #onSlotsChanged(): void {
    for (const peerId of this.#dialing.keys()) {
      if (this.slots.stageOf(peerId) === undefined) this.#dialing.delete(peerId);
    }
    this.#work();
  }

  /** Not re-entered: taking a slot below calls back here. */
  #work(): void {
    if (this.#working || !this.#started) return;
    this.#working = true;
    try {
      while (!this.#stop.signal.aborted && this.slots.hasFree('outbound')) {
        const task = this.#queue.pop();
        if (task === undefined) return;
        if (this.slots.stageOf(task.address.peerId) === undefined) void this.#dial(task.address);
      }
    } finally {
      this.#working = false;
    }
  }

  async #dial(address: PeerAddress): Promise<void> {
    const { peerId } = address;
    this.#dialing.set(peerId, address);
    try {
      await this.dialer.dial(address, this.#stop.signal);
    } catch (error) {
      this.log.debug('dial failed', { peerId, error: errorText(error) });
    }
  }

  #learn(event: PeerEvent): void {
    switch (event.type) {
      case 'peer:connected': {
        this.backoff.succeeded(event.peerId);
        const address = this.#dialing.get(event.peerId);
        this.#dialing.delete(event.peerId);
        if (address !== undefined) this.#remember(address);
        return;
      }
      case 'peer:handshake-failed':
        if (event.direction === 'outbound') this.backoff.failed(event.peerId);
        return;
      case 'peer:dial-failed':
      case 'peer:disconnected':
        this.backoff.failed(event.peerId);
        return;
      case 'peer:dial-queued':
        return;
    }
  }

  #remember(address: PeerAddress): void {
    this.#reachable.delete(address.peerId);
    this.#reachable.set(address.peerId, address);
    for (const oldest of this.#reachable.keys()) {
      if (this.#reachable.size <= MAX_REACHABLE) return;
      this.#reachable.delete(oldest);
    }
  }
}
