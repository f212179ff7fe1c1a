import { Subject } from 'rxjs';
import type { DialCandidates } from '../../src/modules/network/ports/dial-candidates.port.js';
import type { PeerAddress } from '../../src/modules/network/ports/types.js';

/** Candidates in the order a test names them. */
export class ListedCandidates implements DialCandidates {
  readonly #added = new Subject<void>();
  readonly added$ = this.#added.asObservable();
  readonly waiting: PeerAddress[] = [];
  /** What each `take` was told to be occupied. */
  readonly occupied: (readonly string[])[] = [];

  add(...addresses: PeerAddress[]): void {
    this.waiting.push(...addresses);
    this.#added.next();
  }

  take(occupied: readonly string[], isWanted: (address: PeerAddress) => boolean): PeerAddress | undefined {
    this.occupied.push(occupied);
    const index = this.waiting.findIndex(isWanted);
    return index < 0 ? undefined : this.waiting.splice(index, 1)[0];
  }
}
