import { BehaviorSubject, type Observable } from 'rxjs';
import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import type { PeerId } from '../network/index.js';
import type { SyncProgress } from './ports/sync.port.js';
import { RateMeter } from './rate-meter.js';

/** From so many blocks on, catching up is worth a line in the log: blocks that are stored, as anyone may claim a height. */
const NOTABLE_BLOCKS = 128;

const NOTHING: SyncProgress = {
  state: 'idle',
  startingHeight: 0,
  currentHeight: 0,
  highestHeight: 0,
  peerId: undefined,
  peers: 0,
  blocksPerSecond: undefined,
  secondsLeft: undefined,
};

export interface Standing {
  readonly state: SyncProgress['state'];
  /** Our own height; -1 while there is no genesis. */
  readonly head: number;
  readonly highest: number;
  readonly streaming: readonly PeerId[];
}

/** Works out the progress, publishes what changed, and says in the log when much was caught up. */
export class ProgressBoard {
  readonly #subject = new BehaviorSubject<SyncProgress>(NOTHING);
  readonly #rate: RateMeter;
  readonly #log: Logger;
  readonly progress$: Observable<SyncProgress> = this.#subject.asObservable();

  constructor(clock: Clock, log: Logger) {
    this.#rate = new RateMeter(clock);
    this.#log = log;
  }

  get progress(): SyncProgress {
    return this.#subject.value;
  }

  stored(blocks: number): void {
    this.#rate.add(blocks);
  }

  show({ state, head, highest, streaming }: Standing): void {
    const before = this.#subject.value;
    const currentHeight = Math.max(0, head);
    const highestHeight = Math.max(highest, currentHeight);
    const isBeginning = state === 'syncing' && before.state !== 'syncing';
    if (isBeginning) this.#rate.reset();
    const blocksPerSecond = state === 'syncing' ? this.#rate.perSecond : undefined;
    const next: SyncProgress = {
      state,
      startingHeight: isBeginning ? currentHeight : before.startingHeight,
      currentHeight,
      highestHeight,
      peerId: streaming[0],
      peers: streaming.length,
      blocksPerSecond,
      secondsLeft: blocksPerSecond ? (highestHeight - currentHeight) / blocksPerSecond : undefined,
    };
    if (!isSame(before, next)) this.#subject.next(next);
    this.#logCatchingUp(before, next);
  }

  close(): void {
    this.#subject.complete();
  }

  #logCatchingUp(
    before: SyncProgress,
    { state, startingHeight, currentHeight, highestHeight }: SyncProgress,
  ): void {
    if (before.state !== 'syncing' || currentHeight - startingHeight < NOTABLE_BLOCKS) return;
    const wasNotable = before.currentHeight - startingHeight >= NOTABLE_BLOCKS;
    if (state === 'syncing' && !wasNotable && highestHeight > currentHeight) {
      this.#log.info('catching up', { height: currentHeight, claimedHeight: highestHeight });
    }
    if (state === 'idle') this.#log.info('caught up', { height: currentHeight, from: startingHeight });
  }
}

function isSame(a: SyncProgress, b: SyncProgress): boolean {
  return (Object.keys(a) as (keyof SyncProgress)[]).every((key) => a[key] === b[key]);
}
