import { Allowances } from '../../../common/allowances.js';
import type { Clock } from '../../../common/clock.js';
import { NetworkError } from '../network.errors.js';
import type { PeerId } from '../ports/types.js';

/** Reports of one neighbour: a persistent one is out in a few seconds, and a flood is not a flood of reports. */
const REPORTS = { burst: 5, perSecond: 5 };
/** Neighbours with less than one offence that are remembered. */
const MAX_REMEMBERED = 4_096;

/** What neighbours did that no honest one does, told at a bounded rate to whoever keeps their score. */
export class GossipOffences {
  readonly #report: (peerId: PeerId, error: NetworkError) => void;
  readonly #reports: Allowances;
  readonly #parts = new Map<PeerId, number>();

  constructor(clock: Clock, report: (peerId: PeerId, error: NetworkError) => void) {
    this.#report = report;
    this.#reports = new Allowances(clock, REPORTS);
  }

  /** @param weight The part of an offence that it is; parts add up. */
  add(peerId: PeerId, reason: string, weight = 1): void {
    const sum = (this.#parts.get(peerId) ?? 0) + weight;
    this.#parts.delete(peerId);
    if (sum < 1) this.#remember(peerId, sum);
    else if (this.#reports.take(peerId)) {
      this.#report(peerId, new NetworkError({ code: 'NETWORK.GOSSIP_ABUSE', peerId, reason }));
    }
  }

  #remember(peerId: PeerId, sum: number): void {
    this.#parts.set(peerId, sum);
    const [oldest] = this.#parts.keys();
    if (this.#parts.size > MAX_REMEMBERED && oldest !== undefined) this.#parts.delete(oldest);
  }
}
