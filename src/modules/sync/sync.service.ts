import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { errorFields } from '../../common/app-error.js';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { onEvent } from '../../common/on-event.js';
import { CHAIN, type Chain } from '../blockchain/index.js';
import type { PeerId } from '../network/index.js';
import { Fetcher, type FetcherListener } from './fetcher.js';
import { InsertOutcomes } from './insert-outcomes.js';
import { PeerConduct } from './peer-conduct.js';
import { PeerHeights } from './peer-heights.js';
import type { Sync, SyncControl, SyncPeerView, SyncProgress } from './ports/sync.port.js';
import { ProgressBoard } from './progress-board.js';
import type { Round } from './round.js';
import type { SyncError } from './sync.errors.js';
import type { SyncEvent } from './sync.events.js';
import { WakeUp } from './wake-up.js';

/**
 * The loop: whatever peers claim above our head is leased to them in ranges; sleeps while nothing is to be leased. It
 * resumes from the stored head.
 * @see polygon-edge@597a0f3 syncer/syncer.go Sync
 * @remarks Differs: the Go client fetches from one peer at a time.
 */
@Injectable()
export class SyncService
  implements Sync, SyncControl, FetcherListener, OnApplicationBootstrap, BeforeApplicationShutdown
{
  private readonly controller = new AbortController();
  private readonly wakeUp: WakeUp;
  private readonly board: ProgressBoard;
  private readonly log: Logger;
  private readonly eventsSubject = new Subject<SyncEvent>();
  private running: Promise<void> | undefined;
  private isStopped = false;
  private isHeld = false;

  readonly progress$: Observable<SyncProgress>;
  readonly events$: Observable<SyncEvent> = this.eventsSubject.asObservable();

  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    private readonly heights: PeerHeights,
    private readonly conduct: PeerConduct,
    private readonly fetcher: Fetcher,
    private readonly outcomes: InsertOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.wakeUp = new WakeUp(clock);
    this.log = logger.child('sync');
    this.board = new ProgressBoard(clock, this.log);
    this.progress$ = this.board.progress$;
  }

  onApplicationBootstrap(): void {
    const { signal } = this.controller;
    if (this.running || signal.aborted) return;
    const wake = () => this.wakeUp.call();
    this.fetcher.start(this, signal);
    this.outcomes.start({ signal, onChange: wake, onStored: (blocks) => this.board.stored(blocks) });
    onEvent(this.heights.changes$, wake, { signal, log: this.log });
    onEvent(this.chain.head$, () => this.showProgress(), { signal, log: this.log });
    this.running = this.run(signal).catch((error: unknown) => {
      this.log.error('sync has ended', errorFields(error));
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.controller.abort();
    await this.running;
    this.isStopped = true;
    this.showProgress();
    this.board.close();
    this.eventsSubject.complete();
  }

  progress(): SyncProgress {
    return this.board.progress;
  }

  peerView(id: string): SyncPeerView {
    const peerId = id as PeerId;
    return { ...this.conduct.view(peerId), isSource: this.fetcher.streaming.includes(peerId) };
  }

  get isPaused(): boolean {
    return this.isHeld;
  }

  pause(): void {
    if (this.isHeld) return;
    this.isHeld = true;
    this.fetcher.restart();
    this.showProgress();
  }

  resume(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.wakeUp.call();
    this.showProgress();
  }

  onStarted({ peerId, from, claimed }: Round): void {
    this.showProgress();
    this.eventsSubject.next({ type: 'round:started', peerId, from, claimed, atMs: this.clock.nowMs() });
  }

  onEnded({ peerId, from, claimed, reached, error }: Round): void {
    this.eventsSubject.next({
      type: 'round:ended',
      peerId,
      from,
      claimed,
      reached,
      error,
      atMs: this.clock.nowMs(),
    });
    this.showProgress();
    this.wakeUp.call();
  }

  onFree(peerId: PeerId, error: SyncError | undefined): void {
    if (error !== undefined) this.outcomes.peerFailed(peerId);
    this.wakeUp.call();
  }

  private async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        this.outcomes.review();
        if (!this.isHeld) this.fetcher.dispatch();
        this.showProgress();
        await this.wakeUp.sleep(this.isHeld ? undefined : this.conduct.nextTryMs(), signal);
      }
    } finally {
      await this.fetcher.stop();
      await this.outcomes.stop();
    }
  }

  private showProgress(): void {
    const head = this.chain.head()?.number ?? -1;
    this.board.show({
      state: this.state,
      head,
      highest: this.conduct.highest(),
      streaming: this.fetcher.streaming,
    });
  }

  private get state(): SyncProgress['state'] {
    if (this.isStopped) return 'stopped';
    if (this.isHeld) return 'paused';
    return this.fetcher.isBusy ? 'syncing' : 'idle';
  }
}
