import { setMaxListeners } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import { NetworkError } from '../network.errors.js';
import type { PeerEvent } from '../network.events.js';
import { NETWORK_LOG } from '../network.log.js';
import { PeerTable } from '../peers/peer-table.js';
import { DIAL_CANDIDATES, type DialCandidates } from '../ports/dial-candidates.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { DialAttempts } from './dial-attempts.service.js';
import { DialPolicy } from './dial-policy.js';
import { DialPriority, DialQueue, type QueueOutcome } from './dial-queue.js';
import { Dialer } from './dialer.service.js';

const MAX_QUEUED_DIALS = 1_024;

/**
 * Dials as outbound slots come free: what was asked for, then what is to be kept connected, then whom discovery knows.
 * One that cannot go yet never holds up those behind it.
 *
 * @see polygon-edge@597a0f3 network/server.go runDial
 * @remarks Differs: a slot is free or not by the same count that admits connections, peers that failed wait for their
 * backoff, and discovered peers wait outside the queue, so that no number of them keeps out what an operator asks for.
 */
@Injectable()
export class DialService {
  readonly #queue = new DialQueue(MAX_QUEUED_DIALS);
  readonly #stop = new AbortController();
  #working = false;
  #started = false;

  constructor(
    private readonly attempts: DialAttempts,
    private readonly dialer: Dialer,
    private readonly policy: DialPolicy,
    private readonly slots: ConnectionSlots,
    private readonly table: PeerTable,
    @Inject(DIAL_CANDIDATES) private readonly candidates: DialCandidates,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  /** Begins to dial; what was queued before goes out now. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    // As many listeners as there are dials at a time.
    setMaxListeners(0, this.#stop.signal);
    const options = { signal: this.#stop.signal, log: this.log };
    this.attempts.start(this.#stop.signal);
    onEvent(this.table.events$, (event) => this.#onPeerEvent(event), options);
    onEvent(this.slots.changed$, () => this.#work(), options);
    onEvent(this.candidates.added$, () => this.#work(), options);
    this.#work();
  }

  /** Cancels the dials under way and takes no more. */
  stop(): void {
    this.#stop.abort(new NetworkError({ code: 'NETWORK.CANCELLED' }));
  }

  /**
   * Queues a dial that somebody asks for, whatever its backoff. It waits for a slot like others.
   *
   * @returns why it will not be: NETWORK.QUEUE_FULL | NETWORK.CANCELLED, and those of {@link DialPolicy.refusalOf};
   * undefined when it waits now, as it may have done before, or when the peer is connected.
   */
  request(address: PeerAddress): NetworkError | undefined {
    const { peerId } = address;
    if (this.#stop.signal.aborted) return new NetworkError({ code: 'NETWORK.CANCELLED' });
    const refusal = this.policy.refusalOf(address);
    if (refusal !== undefined || this.table.has(peerId)) return refusal;
    const outcome = this.#enqueue(address, DialPriority.REQUESTED);
    return outcome === 'full' ? new NetworkError({ code: 'NETWORK.QUEUE_FULL', peerId }) : undefined;
  }

  /** Queues dials of those that are away and whose backoff is over, and looks whether anything else can go now. */
  keep(addresses: readonly PeerAddress[]): void {
    if (this.#stop.signal.aborted) return;
    for (const address of addresses) {
      if (this.policy.wants(address)) this.#enqueue(address, DialPriority.KEPT);
    }
    this.#work();
  }

  isQueued(peerId: PeerId): boolean {
    return this.#queue.has(peerId);
  }

  /** Gives up a dial that waits or is under way; `peer:dial-failed` has the cause. */
  forget(peerId: PeerId, error: NetworkError): void {
    if (this.#queue.remove(peerId)) this.table.announce({ type: 'peer:dial-failed', peerId, error });
    this.dialer.cancel(peerId, error);
  }

  /** Lets go what can go now. Not re-entered: taking a slot below calls back here. */
  #work(): void {
    if (this.#working || !this.#started) return;
    this.#working = true;
    try {
      while (!this.#stop.signal.aborted) {
        const address = this.#next();
        if (address === undefined) return;
        void this.attempts.make(address, this.#stop.signal);
      }
    } finally {
      this.#working = false;
    }
  }

  #next(): PeerAddress | undefined {
    const queued = this.#queue.take(({ peerId }) => this.policy.hasRoom(peerId));
    if (queued !== undefined) return queued.address;
    if (!this.slots.hasFree('outbound')) return undefined;
    return this.candidates.take(this.dialer.occupied(), (address) => this.policy.wants(address));
  }

  #enqueue(address: PeerAddress, priority: DialPriority): QueueOutcome {
    const outcome = this.#queue.add(address, priority);
    if (outcome === 'added') {
      this.table.announce({ type: 'peer:dial-queued', address, priority });
      this.#work();
    }
    return outcome;
  }

  #onPeerEvent(event: PeerEvent): void {
    if (event.type === 'peer:connected') this.#queue.remove(event.peerId);
    if (event.type === 'peer:banned' || event.type === 'peer:quarantined') this.#dropRefused();
  }

  #dropRefused(): void {
    const queued = this.#queue.list().map(({ address }) => address);
    for (const address of [...queued, ...this.dialer.underWay()]) {
      const refusal = this.policy.refusalOf(address);
      if (refusal !== undefined) this.forget(address.peerId, refusal);
    }
  }
}
