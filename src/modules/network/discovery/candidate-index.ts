import type { PeerAddress, PeerId } from '../ports/types.js';

export interface PooledCandidate {
  /** The whole multiaddr. */
  readonly key: string;
  readonly address: PeerAddress;
  /** undefined: its address is no IP address. */
  readonly subnet: string | undefined;
  /** undefined: no limit by neighbourhood. */
  readonly neighbourhood: string | undefined;
  /** Who told of it; never empty. */
  readonly sources: ReadonlySet<string>;
}

const none: ReadonlySet<PooledCandidate> = new Set();

/** Candidates by all that limits go by. It has no limits itself. */
export class CandidateIndex {
  readonly #candidates = new Map<string, PooledCandidate & { readonly sources: Set<string> }>();
  readonly #peers = new Groups<PeerId>();
  readonly #neighbourhoods = new Groups<string>();
  readonly #sources = new Groups<string>();

  get size(): number {
    return this.#candidates.size;
  }

  get(key: string): PooledCandidate | undefined {
    return this.#candidates.get(key);
  }

  all(): Iterable<PooledCandidate> {
    return this.#candidates.values();
  }

  ofPeer(peerId: PeerId): ReadonlySet<PooledCandidate> {
    return this.#peers.of(peerId);
  }

  /** Empty for undefined, which is none. */
  ofNeighbourhood(neighbourhood: string | undefined): ReadonlySet<PooledCandidate> {
    return neighbourhood === undefined ? none : this.#neighbourhoods.of(neighbourhood);
  }

  ofSource(source: string): ReadonlySet<PooledCandidate> {
    return this.#sources.of(source);
  }

  /** The one that tells least of those who told of the candidate: it speaks for it. */
  leastCrowdedSource({ sources }: PooledCandidate): string {
    let least = '';
    let fewest = Number.POSITIVE_INFINITY;
    for (const source of sources) {
      const told = this.ofSource(source).size;
      if (told < fewest) least = source;
      fewest = Math.min(fewest, told);
    }
    return least;
  }

  add(candidate: Omit<PooledCandidate, 'sources'>, source: string): void {
    const added = { ...candidate, sources: new Set<string>() };
    this.#candidates.set(added.key, added);
    this.#peers.add(added.address.peerId, added);
    if (added.neighbourhood !== undefined) this.#neighbourhoods.add(added.neighbourhood, added);
    this.addSource(added.key, source);
  }

  addSource(key: string, source: string): void {
    const candidate = this.#candidates.get(key);
    if (candidate === undefined || candidate.sources.has(source)) return;
    candidate.sources.add(source);
    this.#sources.add(source, candidate);
  }

  /** The source speaks for the candidate no longer; without any source it goes. */
  removeSource(key: string, source: string): void {
    const candidate = this.#candidates.get(key);
    if (candidate === undefined) return;
    candidate.sources.delete(source);
    this.#sources.remove(source, candidate);
    if (candidate.sources.size === 0) this.remove(key);
  }

  remove(key: string): void {
    const candidate = this.#candidates.get(key);
    if (candidate === undefined) return;
    this.#candidates.delete(key);
    this.#peers.remove(candidate.address.peerId, candidate);
    if (candidate.neighbourhood !== undefined)
      this.#neighbourhoods.remove(candidate.neighbourhood, candidate);
    for (const source of candidate.sources) this.#sources.remove(source, candidate);
  }
}

/** Candidates by one of their properties; empty groups take no room. */
class Groups<Key> {
  readonly #groups = new Map<Key, Set<PooledCandidate>>();

  of(key: Key): ReadonlySet<PooledCandidate> {
    return this.#groups.get(key) ?? none;
  }

  add(key: Key, candidate: PooledCandidate): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, new Set([candidate]));
    else group.add(candidate);
  }

  remove(key: Key, candidate: PooledCandidate): void {
    const group = this.#groups.get(key);
    group?.delete(candidate);
    if (group?.size === 0) this.#groups.delete(key);
  }
}
