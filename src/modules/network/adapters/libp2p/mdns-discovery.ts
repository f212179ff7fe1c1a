import { type PeerDiscovery as Libp2pDiscovery, type PeerInfo, start, stop } from '@libp2p/interface';
import { Subject } from 'rxjs';
import { errorFields } from '../../../../common/app-error.js';
import type { Logger } from '../../../../common/logger.port.js';
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
  #isStarted = false;
  #isStopped = false;
  #isPaused = false;
  /** Whether the library's service was started last, not stopped. */
  #isRunning = false;
  #lastTurn: Promise<void> = Promise.resolve();

  /** @param mdns Says and asks on the local network; started and stopped here. */
  constructor(
    private readonly mdns: Libp2pDiscovery,
    private readonly log: Logger,
  ) {
    mdns.addEventListener('peer', ({ detail }) => this.#onPeer(detail));
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** A node that is paused is not heard of by others either: the library asks and answers, or does neither. */
  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused;
    this.#turn().catch((error: unknown) => {
      this.log.warn('mdns could not be paused or resumed', { isPaused, ...errorFields(error) });
    });
  }

  start(): Promise<void> {
    this.#isStarted = true;
    return this.#turn();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#heard.clear();
    this.#candidates.complete();
    await this.#turn();
  }

  async locate(peerId: PeerId, { signal }: { signal: AbortSignal }): Promise<readonly PeerAddress[]> {
    if (signal.aborted) throw new NetworkError({ code: 'NETWORK.CANCELLED' }, signal.reason);
    return this.#heard.get(peerId) ?? [];
  }

  get #isWanted(): boolean {
    return this.#isStarted && !this.#isStopped && !this.#isPaused;
  }

  /** Starts or stops the service as is wanted when its turn comes, one after another. */
  #turn(): Promise<void> {
    const turn = this.#lastTurn.then(async () => {
      const isWanted = this.#isWanted;
      if (isWanted === this.#isRunning) return;
      this.#isRunning = isWanted;
      await (isWanted ? start(this.mdns) : stop(this.mdns));
    });
    // Only the order: the failure is the caller's.
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  #onPeer(peer: PeerInfo): void {
    const addresses = dialableAddresses(peer);
    const [first] = addresses;
    if (!this.#isWanted || first === undefined) return;
    this.#heard.delete(first.peerId);
    this.#heard.set(first.peerId, addresses);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MAX_REMEMBERED && oldest !== undefined) this.#heard.delete(oldest);
    for (const address of addresses) this.#candidates.next({ address, source: this.name });
  }
}
