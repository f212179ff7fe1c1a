import { RPC } from '@libp2p/gossipsub/message';
import type { PeerId as Libp2pPeerId } from '@libp2p/interface';
import type { Clock } from '../../../../common/clock.js';
import { FairAllowances } from '../../../../common/fair-allowances.js';
import type { GossipOffences } from '../../gossip/gossip-offences.js';
import { Turns } from '../../gossip/turns.js';
import type { NetworkConfig } from '../../network.config.js';
import type { NetworkMetrics } from '../../network.metrics.js';
import type { PeerId } from '../../ports/types.js';
import { BadRpc, type GossipEnvelope, openEnvelope } from './gossip-envelope.js';
import { copied, isJudgeable, rawMessageId } from './gossip-message.js';
import type { GossipRouter } from './gossip-router.js';
import { BEHAVIOUR_TOLERANCE, GRAYLIST_SCORE } from './gossip-scores.js';

/** A message costs one for each started piece of this size, bytes: those that are relayed are kept for five seconds. */
const BYTES_PER_TOKEN = 16 * 1024;
/** Fields of subscriptions and control messages. A Go peer announces 5,000 IDs of a topic once a second at most. */
const CONTROL_FIELDS = { perSecond: 5_000, burst: 15_000, totalPerSecond: 20_000, totalBurst: 60_000 };
/** Messages, or RPCs, handled in a turn of the event loop: about 5 ms. */
const UNITS_PER_TURN = 64;
const BYTES_PER_UNIT = 64 * 1024;
/** Longest that a neighbour can keep us from grafting it, s; the usual backoff is 60 s. */
const MAX_BACKOFF_S = 3_600;
/** Part of an offence that one message is which a neighbour sends in excess after it was taken out of the mesh. */
const EXCESS_OFFENCE = 0.01;
/** Of the library's counter of misbehaviour, for each message in excess, and how far these alone may take it. */
const EXCESS_PENALTY = 0.01;
const MAX_EXCESS_PENALTY = 0.9;
const OTHER = 'other';

interface GossipInletOptions {
  readonly router: GossipRouter;
  readonly clock: Clock;
  readonly limits: NetworkConfig['gossip'];
  readonly dropped: NetworkMetrics['gossipDropped'];
  readonly offences: GossipOffences;
}

/**
 * What comes from neighbours, on its way to the library: taken apart, counted and bounded before anything is computed
 * for it. Each neighbour's messages are handled one by one, so there is never more than one signature check of each.
 */
export class GossipInlet {
  readonly #router: GossipRouter;
  readonly #dropped: NetworkMetrics['gossipDropped'];
  readonly #offences: GossipOffences;
  readonly #messages: FairAllowances;
  readonly #control: FairAllowances;
  readonly #turns = new Turns(UNITS_PER_TURN);

  constructor({ router, clock, limits, dropped, offences }: GossipInletOptions) {
    this.#router = router;
    this.#dropped = dropped;
    this.#offences = offences;
    const {
      messagesPerSecond: perSecond,
      burst,
      totalMessagesPerSecond: totalPerSecond,
      totalBurst,
    } = limits;
    this.#messages = new FairAllowances(clock, { perSecond, burst, totalPerSecond, totalBurst });
    this.#control = new FairAllowances(clock, CONTROL_FIELDS);
  }

  /** Handles one RPC; its bytes may be reused afterwards. @throws {BadRpc} when it is no RPC at all */
  async receive(from: Libp2pPeerId, frame: Uint8Array): Promise<void> {
    await this.#turns.take(1);
    const neighbour = from.toString() as PeerId;
    // What is still in flight of one that left would leave traces that nothing removes.
    if (!this.#router.peers.has(neighbour)) return;
    if (this.#router.score.score(neighbour) < GRAYLIST_SCORE) {
      this.#dropped(OTHER, 'graylisted');
      return this.#offences.add(neighbour, 'goes on after it was graylisted');
    }
    const envelope = this.#opened(neighbour, frame);
    if (envelope === undefined) return;
    for (const bytes of envelope.messages) await this.#receiveMessage(from, neighbour, bytes);
    const cost = envelope.messages.length > 0 ? envelope.work : envelope.work + 1;
    if (cost > 0) await this.#receiveControl(from, neighbour, envelope.rest, cost);
  }

  #opened(neighbour: PeerId, frame: Uint8Array): GossipEnvelope | undefined {
    try {
      return openEnvelope(frame);
    } catch (error) {
      if (!(error instanceof BadRpc) || error.fault === 'undecodable') throw error;
      this.#dropped(OTHER, error.fault);
      this.#offences.add(neighbour, 'more in one RPC than any honest neighbour has');
      return undefined;
    }
  }

  async #receiveMessage(from: Libp2pPeerId, neighbour: PeerId, bytes: Uint8Array): Promise<void> {
    await this.#turns.take(1 + bytes.length / BYTES_PER_UNIT);
    const message = decoded(() => RPC.Message.decode(bytes));
    const { topic } = message;
    // Not an offence: we may just have left it.
    if (!this.#router.subscriptions.has(topic)) return this.#dropped(OTHER, 'not-joined');
    const id = rawMessageId(message.from, message.seqno);
    const isNew = !this.#router.seenCache.has(id);
    const refusal = this.#messages.take(neighbour, Math.ceil(bytes.length / BYTES_PER_TOKEN), isNew);
    if (refusal !== undefined) {
      // It came, even if nobody reads it: a promise to send it was kept.
      this.#router.gossipTracer.deliverMessage(id);
      this.#dropped(topic, refusal);
      if (refusal === 'neighbour-rate') this.#punishExcess(neighbour, topic);
      return;
    }
    if (!isJudgeable(bytes, message)) return this.#dropped(topic, 'unsupported');
    await this.#router.handleReceivedMessage(from, copied(bytes));
  }

  /**
   * Not what the neighbour is to blame for at once: a Go peer relays whatever comes in, and somebody may flood it to
   * have us lose it. It leaves the mesh, after which an honest one sends us nothing that we did not ask for.
   */
  #punishExcess(neighbour: PeerId, topic: string): void {
    const { score, mesh } = this.#router;
    const penalty = score.peerStats.get(neighbour)?.behaviourPenalty ?? 0;
    if (penalty < BEHAVIOUR_TOLERANCE + MAX_EXCESS_PENALTY) {
      score.addPenalty(neighbour, penalty < BEHAVIOUR_TOLERANCE ? 0.1 : EXCESS_PENALTY, 'excess messages');
    }
    if (mesh.get(topic)?.has(neighbour)) return;
    this.#offences.add(neighbour, 'floods a topic after it was pruned', EXCESS_OFFENCE);
  }

  async #receiveControl(
    from: Libp2pPeerId,
    neighbour: PeerId,
    bytes: Uint8Array,
    cost: number,
  ): Promise<void> {
    const refusal = this.#control.take(neighbour, cost);
    if (refusal !== undefined) {
      this.#dropped(OTHER, 'control-rate');
      if (refusal === 'neighbour-rate') this.#offences.add(neighbour, 'floods control messages');
      return;
    }
    await this.#turns.take(cost / UNITS_PER_TURN);
    const rpc = decoded(() => this.#router.decodeRpc(bytes));
    for (const prune of rpc.control?.prune ?? []) {
      prune.peers = [];
      if (prune.backoff !== undefined) prune.backoff = Math.min(prune.backoff, MAX_BACKOFF_S);
    }
    await this.#router.handleReceivedRpc(from, rpc);
  }
}

/** @throws {BadRpc} */
function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw new BadRpc('undecodable');
  }
}
