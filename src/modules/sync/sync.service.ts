import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { BehaviorSubject, type Observable, Subject } from 'rxjs';
import { errorText } from '../../common/app-error.js';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { onEvent } from '../../common/on-event.js';
import { CHAIN, type Chain } from '../blockchain/index.js';
import { PEERS, type PeerId, type Peers } from '../network/index.js';
import { choosePeer, type HeightClaim } from './choose-peer.js';
import { PeerHeights } from './peer-heights.js';
import type { Sync, SyncProgress } from './ports/sync.port.js';
import { faultOf } from './round-error.js';
import { RoundRunner } from './round-runner.js';
import { SkipList } from './skip-list.js';
import { Standstill } from './standstill.js';
import { consequenceOf, type SyncError } from './sync.errors.js';
import type { SyncEvent } from './sync.events.js';
import { type Round, SyncMachine } from './sync-machine.js';
import { WakeUp } from './wake-up.js';

/** From so many blocks on, catching up is worth a line in the log: blocks that are stored, as anyone may claim a height. */
const NOTABLE_BLOCKS = 128;

const NOTHING: SyncProgress = {
  state: 'idle',
  startingHeight: 0,
  currentHeight: 0,
  highestHeight: 0,
  peerId: undefined,
};

/**
 * The loop: whenever a peer is ahead of us, fetch from the best one; sleep otherwise. It resumes from the stored head.
 * @see polygon-edge@597a0f3 syncer/syncer.go Sync
 */
@Injectable()
export class SyncService implements Sync, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly machine = new SyncMachine();
  private readonly wakeUp: WakeUp;
  private readonly standstill: Standstill;
  private readonly log: Logger;
  private readonly progressSubject = new BehaviorSubject<SyncProgress>(NOTHING);
  private readonly eventsSubject = new Subject<SyncEvent>();
  private running: Promise<void> | undefined;

  readonly progress$: Observable<SyncProgress> = this.progressSubject.asObservable();
  readonly events$: Observable<SyncEvent> = this.eventsSubject.asObservable();

  constructor(
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(CHAIN) private readonly chain: Chain,
    private readonly heights: PeerHeights,
    private readonly skipList: SkipList,
    private readonly rounds: RoundRunner,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.wakeUp = new WakeUp(clock);
    this.log = logger.child('sync');
    this.standstill = new Standstill(clock, this.log);
  }

  onApplicationBootstrap(): void {
    const { signal } = this.controller;
    if (this.running || signal.aborted) return;
    onEvent(this.heights.changes$, () => this.wakeUp.call(), { signal, log: this.log });
    onEvent(this.chain.head$, () => this.showProgress(), { signal, log: this.log });
    this.running = this.run(signal).catch((error: unknown) => {
      this.log.error('sync has ended', { error: errorText(error) });
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.controller.abort();
    await this.running;
    this.machine.stop();
    this.showProgress();
    this.progressSubject.complete();
    this.eventsSubject.complete();
  }

  progress(): SyncProgress {
    return this.progressSubject.value;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.machine.choose();
      const best = this.bestPeer();
      if (best) {
        const { peerId, number } = best;
        await this.fetchFrom(this.machine.fetch({ peerId, from: this.head() + 1, claimed: number }), signal);
      } else {
        this.machine.rest();
        this.showProgress();
        await this.wakeUp.sleep(this.nextTryMs(), signal);
      }
    }
  }

  private async fetchFrom(round: Round, signal: AbortSignal): Promise<void> {
    const { peerId, from, claimed } = round;
    this.showProgress();
    this.eventsSubject.next({ type: 'round:started', peerId, from, claimed, atMs: this.clock.nowMs() });
    const error = await this.rounds.run(this.machine, round, {
      signal,
      hasRival: () => this.bestPeer(peerId) !== undefined,
      onStored: () => this.showProgress(),
    });
    const ended = this.machine.finish();
    if (error) this.failed(ended, error);
    else this.skipList.forgive(peerId);
    this.eventsSubject.next({ type: 'round:ended', ...ended, error, atMs: this.clock.nowMs() });
  }

  private failed({ peerId, reached }: Round, error: SyncError): void {
    const consequence = consequenceOf(error, this.skipList.strikes(peerId));
    if (consequence === 'none') return;
    const fields = { peerId, height: reached, code: error.code, consequence, error: errorText(error) };
    this.skipList.skip(peerId);
    if (error.code === 'SYNC.LOCAL_FAILURE' || error.code === 'SYNC.WRONG_STATE') {
      this.log.error('blocks could not be stored', fields);
      return;
    }
    this.log.debug('round failed', fields);
    if (consequence === 'drop') {
      const ahead = this.ahead().map((claim) => claim.peerId);
      this.standstill.add({ peerId, height: this.head(), error, ahead });
    }
    this.peers.report(peerId, faultOf(error, consequence));
  }

  private bestPeer(except?: PeerId): HeightClaim | undefined {
    return choosePeer({
      claims: this.heights.list(),
      head: this.head(),
      isSkipped: (peerId) => peerId === except || this.skipList.has(peerId),
    });
  }

  /** When the first of the skipped peers that are ahead may be asked again; undefined when none is. */
  private nextTryMs(): number | undefined {
    const waits = this.ahead().map(({ peerId }) => this.skipList.remainingMs(peerId));
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  private ahead(): readonly HeightClaim[] {
    const head = this.head();
    return this.heights.list().filter(({ number }) => number > head);
  }

  private head(): number {
    return this.chain.head()?.number ?? -1;
  }

  private showProgress(): void {
    const before = this.progressSubject.value;
    const { round, state } = this.machine;
    const currentHeight = Math.max(0, this.head());
    const claims = this.heights.list().filter(({ peerId }) => !this.skipList.has(peerId));
    const next: SyncProgress = {
      state: round ? 'syncing' : state.name === 'stopped' ? 'stopped' : 'idle',
      startingHeight: round && before.state !== 'syncing' ? currentHeight : before.startingHeight,
      currentHeight,
      highestHeight: claims.reduce((highest, { number }) => Math.max(highest, number), currentHeight),
      peerId: round?.peerId,
    };
    if (!isSame(before, next)) this.progressSubject.next(next);
    this.logCatchingUp(before, next);
    this.standstill.reached(this.head());
  }

  private logCatchingUp(
    before: SyncProgress,
    { state, startingHeight, currentHeight, highestHeight }: SyncProgress,
  ): void {
    if (before.state !== 'syncing' || currentHeight - startingHeight < NOTABLE_BLOCKS) return;
    const wasNotable = before.currentHeight - startingHeight >= NOTABLE_BLOCKS;
    if (state === 'syncing' && !wasNotable && highestHeight > currentHeight) {
      this.log.info('catching up', { height: currentHeight, claimedHeight: highestHeight });
    }
    if (state === 'idle') this.log.info('caught up', { height: currentHeight, from: startingHeight });
  }
}

function isSame(a: SyncProgress, b: SyncProgress): boolean {
  return (Object.keys(a) as (keyof SyncProgress)[]).every((key) => a[key] === b[key]);
}
