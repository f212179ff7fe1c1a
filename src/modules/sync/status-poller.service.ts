import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { errorFields } from '../../common/app-error.js';
import { Backoff } from '../../common/backoff.js';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { onEvent } from '../../common/on-event.js';
import { PEERS, type PeerId, type Peers } from '../network/index.js';
import { PeerHeights } from './peer-heights.js';
import { faultOf } from './round-error.js';
import { SYNC_CONFIG, type SyncConfig } from './sync.config.js';
import { SyncError } from './sync.errors.js';
import { SyncPeerClient } from './sync-peer.client.js';
import { WakeUp } from './wake-up.js';

/**
 * Asks each peer for its height when it connects and now and then after that; forgets it when it leaves.
 * @see polygon-edge@597a0f3 syncer/syncer.go initializePeerMap, startPeerConnectionEventProcess
 * @remarks Differs: Go asks once. A node that never gossips would be synced from only up to the height it gave then, and
 * one that does not serve sync yet (Go registers it late) would be missed.
 */
@Injectable()
export class StatusPollerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly watched = new Map<PeerId, AbortController>();
  private readonly polls = new Set<Promise<void>>();
  private readonly log: Logger;

  constructor(
    @Inject(PEERS) private readonly peers: Peers,
    private readonly client: SyncPeerClient,
    private readonly heights: PeerHeights,
    private readonly backoff: Backoff,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SYNC_CONFIG) private readonly config: SyncConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('sync');
  }

  onApplicationBootstrap(): void {
    const { signal } = this.controller;
    if (signal.aborted) return;
    onEvent(
      this.peers.events$,
      (event) => {
        if (event.type === 'peer:connected') this.watch(event.peerId);
        if (event.type === 'peer:disconnected') this.forget(event.peerId);
      },
      { signal, log: this.log },
    );
    for (const { peerId } of this.peers.list()) this.watch(peerId);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.controller.abort();
    for (const peerId of [...this.watched.keys()]) this.forget(peerId);
    await Promise.all(this.polls);
  }

  private watch(peerId: PeerId): void {
    if (this.watched.has(peerId)) return;
    const controller = new AbortController();
    this.watched.set(peerId, controller);
    const poll = this.poll(peerId, controller.signal).finally(() => this.polls.delete(poll));
    this.polls.add(poll);
  }

  private forget(peerId: PeerId): void {
    this.watched.get(peerId)?.abort();
    this.watched.delete(peerId);
    this.heights.remove(peerId);
  }

  /** Never rejects. */
  private async poll(peerId: PeerId, signal: AbortSignal): Promise<void> {
    const pause = new WakeUp(this.clock);
    let failures = 0;
    while (!signal.aborted) {
      failures = (await this.ask(peerId, signal)) ? 0 : failures + 1;
      await pause.sleep(failures === 0 ? this.config.statusPollMs : this.backoff.afterMs(failures), signal);
    }
  }

  private async ask(peerId: PeerId, signal: AbortSignal): Promise<boolean> {
    try {
      const claimed = await this.client.getStatus(peerId, signal);
      if (signal.aborted) return false;
      this.heights.put(peerId, claimed);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.log.debug('status of peer not known', { peerId, ...errorFields(error) });
      if (error instanceof SyncError) this.peers.report(peerId, faultOf(error, 'drop'));
      return false;
    }
  }
}
