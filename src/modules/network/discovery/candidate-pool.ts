import { type Observable, Subject } from 'rxjs';
import { pickOne, type Random } from '../../../common/random.js';
import type { NetworkList } from '../address/cidr.js';
import { formatPeerAddress } from '../address/peer-address.js';
import { isDialable } from '../address/reachability.js';
import { subnetOf } from '../address/subnet.js';
import type { PeerBook } from '../book/peer-book.js';
import type { NetworkMetrics } from '../network.metrics.js';
import type { DialCandidates } from '../ports/dial-candidates.port.js';
import type { Candidate } from '../ports/peer-discovery.port.js';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { CandidateIndex, type PooledCandidate } from './candidate-index.js';
import { drawInTurn } from './draw-in-turn.js';
import { neighbourhoodOf } from './neighbourhood.js';

export const POOL_LIMITS = {
  /** Candidates in all. */
  all: 1_024,
  /** Candidates told by one source. */
  perSource: 128,
  /** Candidates in one neighbourhood. */
  perNeighbourhood: 16,
  /** Addresses told of one peer, so that a wrong one does not hide the right one. */
  perPeer: 4,
  /** Sources noted of one candidate. */
  sourcesNoted: 4,
  /** Outbound connections and dials to one neighbourhood. */
  outboundPerNeighbourhood: 2,
} as const;

/** refused = not fit to be dialed, or there is no room that it may take. */
export type OfferOutcome = 'new' | 'known' | 'refused';

export interface CandidatePoolOptions {
  readonly self: PeerId;
  /** Networks whose addresses are not taken. */
  readonly denied: NetworkList;
  /** Whether the limits by neighbourhood hold for loopback and private addresses too. */
  readonly countsLocal: boolean;
}

/**
 * Addresses that may be dialed, apart from the routing table. Whoever tells many gets few of them dialed: each source,
 * neighbourhood and peer has its limit, and what is most crowded makes room. An address where a peer was reached before
 * goes first and makes room for nobody.
 */
export class CandidatePool implements DialCandidates {
  readonly #index = new CandidateIndex();
  readonly #added = new Subject<void>();
  readonly added$: Observable<void> = this.#added.asObservable();

  constructor(
    private readonly options: CandidatePoolOptions,
    private readonly book: Pick<PeerBook, 'isKnownGood' | 'addressesOf'>,
    private readonly random: Random,
    private readonly metrics: Pick<NetworkMetrics, 'candidates' | 'dialCandidates'>,
  ) {}

  get size(): number {
    return this.#index.size;
  }

  offer(candidate: Candidate): OfferOutcome {
    const outcome = this.#takeIn(candidate);
    this.metrics.candidates(outcome, 1);
    if (outcome === 'new') {
      this.metrics.dialCandidates(this.size);
      this.#added.next();
    }
    return outcome;
  }

  /** Transports of the peer that wait to be dialed. */
  transportsOf(peerId: PeerId): readonly string[] {
    return [...this.#index.ofPeer(peerId)].map(({ address }) => address.transport);
  }

  take(occupied: readonly string[], isWanted: (address: PeerAddress) => boolean): PeerAddress | undefined {
    for (const choice of this.#choices(occupied)) {
      for (const { key, address } of this.#inTurn(choice)) {
        if (!isWanted(address)) continue;
        this.#index.remove(key);
        this.metrics.dialCandidates(this.size);
        return address;
      }
    }
    return undefined;
  }

  #takeIn({ address, source }: Candidate): OfferOutcome {
    if (!this.#isFit(address)) return 'refused';
    const key = formatPeerAddress(address);
    const held = this.#index.get(key);
    if (held !== undefined) {
      this.#noteSource(held, source);
      return 'known';
    }
    const { transport } = address;
    const neighbourhood = this.#neighbourhoodOf(transport);
    const candidate = { key, address, subnet: subnetOf(transport), neighbourhood };
    if (!this.#makeRoom(candidate, source)) return 'refused';
    this.#index.add(candidate, source);
    return 'new';
  }

  #isFit({ peerId, transport }: PeerAddress): boolean {
    return peerId !== this.options.self && isDialable(transport) && !this.options.denied.has(transport);
  }

  /** A rumour of a wrong address does not share in the peer's good name. */
  #isKnownGood({ peerId, transport }: PeerAddress): boolean {
    return this.book.isKnownGood(peerId) && this.book.addressesOf(peerId)[0] === transport;
  }

  #neighbourhoodOf(transport: string): string | undefined {
    return neighbourhoodOf(transport, this.options.countsLocal);
  }

  /** Those that may be dialed, the best first: reached before, and of these such as are where we have nobody yet. */
  #choices(occupied: readonly string[]): readonly PooledCandidate[][] {
    const { outboundPerNeighbourhood } = POOL_LIMITS;
    const taken = new Map<string, number>();
    for (const transport of occupied) {
      const neighbourhood = this.#neighbourhoodOf(transport);
      if (neighbourhood !== undefined) taken.set(neighbourhood, (taken.get(neighbourhood) ?? 0) + 1);
    }
    const choices = Array.from({ length: 2 * outboundPerNeighbourhood }, (): PooledCandidate[] => []);
    for (const candidate of this.#index.all()) {
      const { address, neighbourhood = '' } = candidate;
      const neighbours = taken.get(neighbourhood) ?? 0;
      if (neighbours >= outboundPerNeighbourhood) continue;
      const rank = neighbours + (this.#isKnownGood(address) ? 0 : outboundPerNeighbourhood);
      choices[rank]?.push(candidate);
    }
    return choices;
  }

  /** A network by chance, a source in it, a candidate of that. Names cost nothing, so all that one source tells count as one network. */
  #inTurn(candidates: readonly PooledCandidate[]): Generator<PooledCandidate> {
    const sourceOf = (candidate: PooledCandidate) => this.#index.leastCrowdedSource(candidate);
    return drawInTurn(this.random, candidates, [
      (candidate) => candidate.subnet ?? sourceOf(candidate),
      sourceOf,
    ]);
  }

  /** Who tells little can so speak for a candidate that others told too, and keep it from making room. */
  #noteSource({ key, sources }: PooledCandidate, source: string): void {
    const hasRoom =
      sources.size < POOL_LIMITS.sourcesNoted && this.#index.ofSource(source).size < POOL_LIMITS.perSource;
    if (hasRoom) this.#index.addSource(key, source);
  }

  /** False, and nothing changes, when all that would have to make room is known to be good. */
  #makeRoom(
    { address, neighbourhood }: Pick<PooledCandidate, 'address' | 'neighbourhood'>,
    source: string,
  ): boolean {
    const index = this.#index;
    const leaving = new Map<PooledCandidate, () => void>();
    const keepBelow = (
      limit: number,
      members: Iterable<PooledCandidate>,
      leave: (candidate: PooledCandidate) => void,
    ): boolean => {
      const rivals = [...members].filter((candidate) => !leaving.has(candidate));
      if (rivals.length < limit) return true;
      const victim = this.#chooseVictim(rivals);
      if (victim !== undefined) leaving.set(victim, () => leave(victim));
      return victim !== undefined;
    };
    const remove = ({ key }: PooledCandidate) => index.remove(key);
    const disown = ({ key }: PooledCandidate) => index.removeSource(key, source);
    const hasRoom =
      keepBelow(POOL_LIMITS.perPeer, index.ofPeer(address.peerId), remove) &&
      keepBelow(POOL_LIMITS.perNeighbourhood, index.ofNeighbourhood(neighbourhood), remove) &&
      (index.size < POOL_LIMITS.all || keepBelow(POOL_LIMITS.all, index.all(), remove)) &&
      keepBelow(POOL_LIMITS.perSource, index.ofSource(source), disown);
    if (hasRoom) for (const leave of leaving.values()) leave();
    return hasRoom;
  }

  /** One of the most crowded, by chance, so that nobody can choose whom his flood pushes out; never one that is known to be good. */
  #chooseVictim(rivals: readonly PooledCandidate[]): PooledCandidate | undefined {
    let most = 0;
    let victims: PooledCandidate[] = [];
    for (const rival of rivals) {
      if (this.#isKnownGood(rival.address)) continue;
      const crowding = this.#crowdingOf(rival);
      if (crowding > most) victims = [];
      if (crowding >= most) victims.push(rival);
      most = Math.max(most, crowding);
    }
    return pickOne(this.random, victims);
  }

  /** By network and by source, each as a part of its limit: some have many addresses, others many names. */
  #crowdingOf(candidate: PooledCandidate): number {
    const neighbours = this.#index.ofNeighbourhood(candidate.neighbourhood).size;
    const told = this.#index.ofSource(this.#index.leastCrowdedSource(candidate)).size;
    return neighbours / POOL_LIMITS.perNeighbourhood + told / POOL_LIMITS.perSource;
  }
}
