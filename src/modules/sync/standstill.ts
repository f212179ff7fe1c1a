import { errorFields } from '../../common/app-error.js';
import type { Clock } from '../../common/clock.js';
import type { Logger } from '../../common/logger.port.js';
import type { PeerId } from '../network/index.js';
import type { SyncError } from './sync.errors.js';

/** Strangers could make us warn at each new height. */
const WARN_EVERY_MS = 60_000;
/** More than any peer table holds. */
const MAX_PEERS = 1_024;

export interface FailureAtHead {
  readonly peerId: PeerId;
  /** Our own height; -1 while there is no genesis. */
  readonly height: number;
  readonly error: SyncError;
  /** Who claims to be ahead of us. */
  readonly ahead: readonly PeerId[];
}

/** Tells the operator that sync does not get past a height, once per height, and when it does again. */
export class Standstill {
  private height: number | undefined;
  /** Who failed at that height, the latest last. */
  private readonly failed = new Set<PeerId>();
  private isTold = false;
  private toldAtMs: number | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** A peer failed in a way that is not chance. Warns when all that are ahead have. */
  add({ peerId, height, error, ahead }: FailureAtHead): void {
    if (height !== this.height) this.begin(height);
    this.failed.delete(peerId);
    this.failed.add(peerId);
    const [oldest] = this.failed;
    if (this.failed.size > MAX_PEERS && oldest !== undefined) this.failed.delete(oldest);
    if (this.isTold || this.wasToldLately() || !ahead.every((id) => this.failed.has(id))) return;
    this.isTold = true;
    this.toldAtMs = this.clock.monotonicMs();
    const { code, error: text } = errorFields(error);
    this.log.warn('sync stands still: every peer that is ahead failed at the same height', {
      height,
      peers: this.failed.size,
      code,
      // A peer may have chosen some of the words.
      error: text.replace(/[^ -~]/g, '?'),
    });
  }

  /** Our head is at `height`. */
  reached(height: number): void {
    if (this.height === undefined || height <= this.height) return;
    if (this.isTold) this.log.info('sync goes on', { height });
    this.begin(undefined);
  }

  private begin(height: number | undefined): void {
    this.height = height;
    this.isTold = false;
    this.failed.clear();
  }

  private wasToldLately(): boolean {
    return this.toldAtMs !== undefined && this.clock.monotonicMs() - this.toldAtMs < WARN_EVERY_MS;
  }
}
