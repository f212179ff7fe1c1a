import { NoMetrics } from '../../src/common/metrics.port.js';
import type { Random } from '../../src/common/random.js';
import { parseNetworks } from '../../src/modules/network/address/cidr.js';
import { CandidatePool, type OfferOutcome } from '../../src/modules/network/discovery/candidate-pool.js';
import { createNetworkMetrics } from '../../src/modules/network/network.metrics.js';
import type { PeerAddress, PeerId } from '../../src/modules/network/ports/types.js';
import { SeededRandom } from '../sim/seeded-random.js';
import { aPeerId } from './peer-ids.js';

export interface PoolUnderTestOptions {
  readonly denied?: readonly string[];
  readonly countsLocal?: boolean;
  readonly random?: Random;
}

/** A pool of candidates and a book of a test's making. Its own ID is `aPeerId(0)`. */
export class PoolUnderTest {
  /** Where peers were reached before. */
  readonly reached = new Map<PeerId, string>();
  readonly pool: CandidatePool;
  /** How often the pool said that it has more. */
  added = 0;

  constructor({ denied = [], countsLocal = false, random = new SeededRandom(1) }: PoolUnderTestOptions = {}) {
    const book = {
      isKnownGood: (peerId: PeerId) => this.reached.has(peerId),
      addressesOf: (peerId: PeerId) => [this.reached.get(peerId) ?? []].flat(),
    };
    const options = { self: aPeerId(0), denied: parseNetworks(denied), countsLocal };
    this.pool = new CandidatePool(options, book, random, createNetworkMetrics(new NoMetrics()));
    this.pool.added$.subscribe(() => this.added++);
  }

  /** Peer `n` was reached there before. */
  know(n: number, transport: string): void {
    this.reached.set(aPeerId(n), transport);
  }

  offer(n: number, transport: string, source = 'teller'): OfferOutcome {
    return this.pool.offer({ address: { peerId: aPeerId(n), transport }, source });
  }

  /** Takes until there is no more, each taken one being occupied from then on. */
  takeAll(limit = Number.POSITIVE_INFINITY, isWanted = (_address: PeerAddress) => true): PeerAddress[] {
    const taken: PeerAddress[] = [];
    while (taken.length < limit) {
      const occupied = taken.map(({ transport }) => transport);
      const address = this.pool.take(occupied, isWanted);
      if (address === undefined) break;
      taken.push(address);
    }
    return taken;
  }

  /** Without any limit by what is occupied. */
  drain(): PeerAddress[] {
    const taken: PeerAddress[] = [];
    for (let next = this.pool.take([], () => true); next !== undefined; ) {
      taken.push(next);
      next = this.pool.take([], () => true);
    }
    return taken;
  }
}
