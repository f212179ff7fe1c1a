import { randomBytes } from 'node:crypto';
import { type PeerId as Libp2pPeerId, type PeerInfo, start, stop } from '@libp2p/interface';
import {
  type KadDHTComponents,
  type KadDHTInit,
  kadDHT,
  type QueryEvent,
  type SingleKadDHT,
} from '@libp2p/kad-dht';
import { peerIdFromString } from '@libp2p/peer-id';
import { Subject } from 'rxjs';
import { errorFields } from '../../../../common/app-error.js';
import { type Clock, withDeadline } from '../../../../common/clock.js';
import type { Logger } from '../../../../common/logger.port.js';
import { chooseAddress } from '../../address/reachability.js';
import { NetworkError } from '../../network.errors.js';
import type { Candidate, PeerDiscovery } from '../../ports/peer-discovery.port.js';
import type { PeerAddress, PeerId } from '../../ports/types.js';
import { runEvery } from '../../run-every.js';
import { dialableAddresses } from './dialable-addresses.js';

/** Peers taken from one answer. */
const MAX_PER_ANSWER = 16;
/** Each question goes to up to 20 peers, where FindPeers goes to one; without a new peer it is put once in so many intervals. */
const INTERVALS_BETWEEN_QUESTIONS = 6;
const QUESTION_TIMEOUT_MS = 10_000;

/** Finite where the library's defaults are not, and for a node of some forty peers. */
const LIMITS = {
  kBucketSize: 20,
  maxInboundStreams: 4,
  maxOutboundStreams: 4,
  routingTableUpdateMaxQueueSize: 256,
} satisfies KadDHTInit;

/** What the library's types leave out of what it has. */
interface Dht extends SingleKadDHT {
  routingTable: SingleKadDHT['routingTable'] & {
    addEventListener(type: 'peer:add', listener: () => void): void;
    remove(peerId: Libp2pPeerId): Promise<void>;
  };
  readonly peerRouting: Pick<SingleKadDHT, 'getClosestPeers'>;
}

export interface KadDhtOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly intervalMs: number;
  /** The name that parts this DHT from all others; asked once, at the start. */
  readonly protocol: () => string;
  readonly components: KadDHTComponents;
  /** Leaves of a peer's addresses those that may be told to others. */
  readonly tellable: (peer: PeerInfo) => PeerInfo;
}

/**
 * A DHT among our own nodes: it tells of peers, and where a given peer is. Go nodes do not speak it and take no notice.
 *
 * Only peers that are connected are asked, and nobody is dialed to be asked: whom we connect to is for the dial queue
 * to decide, which is given what was heard. Values and provider records are neither kept nor looked for.
 */
export class KadDhtDiscovery implements PeerDiscovery {
  readonly name = 'kad-dht';
  isPaused = false;
  readonly #candidates = new Subject<Candidate>();
  readonly candidates$ = this.#candidates.asObservable();
  readonly #options: KadDhtOptions;
  readonly #ending = new AbortController();
  #dht: Dht | undefined;
  #starting: Promise<void> | undefined;
  #asking: Promise<void> | undefined;
  #hasNewPeer = false;
  #quietIntervals = 0;

  constructor(options: KadDhtOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { signal } = this.#ending;
    if (signal.aborted) return;
    const { clock, log, intervalMs, protocol, components, tellable } = this.#options;
    const dht = kadDHT({
      ...LIMITS,
      protocol: protocol(),
      clientMode: false,
      // Questions end at once, instead of waiting for a first peer.
      allowQueryWithZeroPeers: true,
      validators: { pk: refuse },
      peerInfoMapper: tellable,
    })(components) as Dht;
    this.#dht = dht;
    this.#askNobodyWhilePaused(dht);
    dht.routingTable.addEventListener('peer:add', () => {
      this.#hasNewPeer = true;
    });
    const forget = ({ detail }: CustomEvent<Libp2pPeerId>) => {
      dht.routingTable.remove(detail).catch((error: unknown) => this.#failed(error));
    };
    components.events.addEventListener('peer:disconnect', forget);
    signal.addEventListener('abort', () => components.events.removeEventListener('peer:disconnect', forget));
    await start(dht);
    this.#asking = runEvery({ clock, intervalMs, signal, log }, () => this.#askIfDue(dht));
  }

  async stop(): Promise<void> {
    this.#ending.abort(new NetworkError({ code: 'NETWORK.CANCELLED' }));
    this.#candidates.complete();
    await this.#starting;
    await this.#asking;
    if (this.#dht !== undefined) await stop(this.#dht);
  }

  async locate(peerId: PeerId, { signal }: { signal: AbortSignal }): Promise<readonly PeerAddress[]> {
    const cancelled = (cause: unknown) => new NetworkError({ code: 'NETWORK.CANCELLED' }, cause);
    if (signal.aborted) throw cancelled(signal.reason);
    const dht = this.#dht;
    if (dht === undefined || this.#ending.signal.aborted) return [];
    const either = AbortSignal.any([signal, this.#ending.signal]);
    try {
      return await this.#inTime(either, (until) => find(dht, peerId, until));
    } catch (error) {
      if (either.aborted) throw cancelled(error);
      return [];
    }
  }

  /** The library looks around by itself too, to keep its table; all of that goes this way. */
  #askNobodyWhilePaused({ peerRouting }: Dht): void {
    const ask = peerRouting.getClosestPeers.bind(peerRouting);
    peerRouting.getClosestPeers = (...question) => (this.isPaused ? noAnswers() : ask(...question));
  }

  async #askIfDue(dht: Dht): Promise<void> {
    if (this.isPaused) return;
    this.#quietIntervals += 1;
    if (!this.#hasNewPeer && this.#quietIntervals < INTERVALS_BETWEEN_QUESTIONS) return;
    this.#hasNewPeer = false;
    this.#quietIntervals = 0;
    try {
      await this.#inTime(this.#ending.signal, (until) => this.#ask(dht, until));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Asks who is near a random place, so that every peer is told of by and by. */
  async #ask(dht: Dht, signal: AbortSignal): Promise<void> {
    for await (const event of dht.getClosestPeers(randomBytes(32), { signal })) {
      if (this.isPaused) return;
      if (event.name !== 'PEER_RESPONSE' || signal.aborted) continue;
      for (const peer of event.closer.slice(0, MAX_PER_ANSWER)) this.#heard(peer, event.from.toString());
    }
  }

  #heard(peer: PeerInfo, source: string): void {
    if (peer.id.equals(this.#options.components.peerId)) return;
    const known = dialableAddresses(peer);
    const [first] = known;
    if (first === undefined) return;
    const address = chooseAddress(
      first.peerId,
      known.map(({ transport }) => transport),
    );
    if (address !== undefined) this.#candidates.next({ address, source });
  }

  #inTime<T>(signal: AbortSignal, work: (until: AbortSignal) => Promise<T>): Promise<T> {
    const onTimeout = () => new Error(`no answer within ${QUESTION_TIMEOUT_MS} ms`);
    return withDeadline(this.#options.clock, { timeoutMs: QUESTION_TIMEOUT_MS, signal, onTimeout }, work);
  }

  #failed(error: unknown): void {
    if (!this.#ending.signal.aborted) this.#options.log.debug('kad-dht question failed', errorFields(error));
  }
}

async function find(dht: Dht, peerId: PeerId, signal: AbortSignal): Promise<readonly PeerAddress[]> {
  for await (const event of dht.findPeer(peerIdFromString(peerId), { signal })) {
    const found = event.name === 'FINAL_PEER' ? dialableAddresses(event.peer) : [];
    if (found.length > 0) return found;
  }
  return [];
}

async function* noAnswers(): AsyncIterable<QueryEvent> {
  yield* [];
}

/** The one kind of record that the library takes by itself. */
function refuse(): never {
  throw new Error('records are not kept');
}
