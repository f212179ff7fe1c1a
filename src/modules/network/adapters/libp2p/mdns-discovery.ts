import { type PeerDiscovery as Libp2pDiscovery, type PeerInfo, start, stop } from '@libp2p/interface';
import { Subject } from 'rxjs';
import { NetworkError } from '../../network.errors.js';
import type { Candidate, PeerDiscovery } from '../../ports/peer-discovery.port.js';
import type { PeerAddress, PeerId } from '../../ports/types.js';
import { dialableAddresses } from './dialable-addresses.js';

/** Peers of the local network that are remembered; the one heard of longest ago goes first. */
const MAX_REMEMBERED = 256;

/**
 * Finds nodes of the same chain on the local network by multicast DNS. Only private addresses are told there.
 *
 * @see https://github.com/libp2p/specs/blob/master/discovery/mdns.md
 */
export class MdnsDiscovery implements PeerDiscovery {
  readonly name = 'mdns';
  readonly #candidates = new Subject<Candidate>();
  readonly candidates$ = this.#candidates.asObservable();
  readonly #heard = new Map<PeerId, readonly PeerAddress[]>();
  #starting: Promise<void> | undefined;
  #isStopped = false;

  /** @param mdns Says and asks on the local network; started and stopped here. */
  constructor(private readonly mdns: Libp2pDiscovery) {
    mdns.addEventListener('peer', ({ detail }) => this.#onPeer(detail));
  }

  start(): Promise<void> {
    this.#starting ??= this.#isStopped ? Promise.resolve() : start(this.mdns);
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#heard.clear();
    this.#candidates.complete();
    await this.#starting;
    await stop(this.mdns);
  }

  async locate(peerId: PeerId, { signal }: { signal: AbortSignal }): Promise<readonly PeerAddress[]> {
    if (signal.aborted) throw new NetworkError({ code: 'NETWORK.CANCELLED' }, signal.reason);
    return this.#heard.get(peerId) ?? [];
  }

  #onPeer(peer: PeerInfo): void {
    const addresses = dialableAddresses(peer);
    const [first] = addresses;
    if (this.#isStopped || this.#starting === undefined || first === undefined) return;
    this.#heard.delete(first.peerId);
    this.#heard.set(first.peerId, addresses);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MAX_REMEMBERED && oldest !== undefined) this.#heard.delete(oldest);
    for (const address of addresses) this.#candidates.next({ address, source: this.name });
  }
}
