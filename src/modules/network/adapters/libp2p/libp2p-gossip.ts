import { type GossipSub, gossipsub, type Message, StrictSign, TopicValidatorResult } from '@libp2p/gossipsub';
import { createTopicScoreParams, type PeerScoreParams } from '@libp2p/gossipsub/score';
import type { PeerId as Libp2pPeerId } from '@libp2p/interface';
import { errorText } from '../../../../common/app-error.js';
import type { Logger } from '../../../../common/logger.port.js';
import { type HostMessage, MAX_GOSSIP_BYTES, type TopicVerdict } from '../../ports/host.port.js';
import type { PeerId } from '../../ports/types.js';
import type { Allowances } from './allowances.js';
import { limitInbound } from './gossip-limit.js';
import { publishError } from './libp2p-errors.js';

/** Largest gossip RPC, bytes. A Go peer closes the stream on a larger one. @see go-libp2p-pubsub DefaultMaxMessageSize */
const MAX_RPC_BYTES = 1024 * 1024;
/** Per peer; a topic costs its length plus 1 KiB, so about 60 topics. */
const MAX_TOPIC_BYTES_PER_PEER = 64 * 1024;
const SEQUENCE_NUMBER_BYTES = 8;

/** Rejected messages (a validator's or a bad signature), squared, lower a peer's score; at -80 it is not heard any more. */
const TOPIC_SCORE = createTopicScoreParams({
  topicWeight: 1,
  timeInMeshWeight: 0,
  firstMessageDeliveriesWeight: 0,
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -1,
  invalidMessageDeliveriesDecay: 0.97,
});

const VERDICTS: Record<TopicVerdict, TopicValidatorResult> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

/**
 * Gossipsub as the Go client runs it.
 * @see polygon-edge@597a0f3 network/server.go, go-libp2p-pubsub gossipsub.go
 * @remarks Differs: peers are scored (modestly); decode limits are those of the library; a neighbour may send so many
 * messages a second only.
 */
export function gossipService(allowances: Allowances, onDropped: () => void): ReturnType<typeof gossipsub> {
  const create = gossipsub({
    globalSignaturePolicy: StrictSign,
    msgIdFn: messageId,
    fastMsgIdFn: ({ from, seqno }) => rawMessageId(from, seqno),
    D: 6,
    Dlo: 5,
    Dhi: 12,
    Dlazy: 6,
    heartbeatInterval: 1_000,
    mcacheLength: 5,
    mcacheGossip: 3,
    seenTTL: 120_000,
    pruneBackoff: 60_000,
    floodPublish: false,
    doPX: false,
    fallbackToFloodsub: true,
    emitSelf: false,
    allowPublishToZeroTopicPeers: true,
    tagMeshPeers: false,
    maxInboundDataLength: MAX_RPC_BYTES,
    maxOutboundBufferSize: 4 * MAX_RPC_BYTES,
    maxTopicBytesPerPeer: MAX_TOPIC_BYTES_PER_PEER,
    scoreParams: { retainScore: 600_000, IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']) },
    scoreThresholds: { opportunisticGraftThreshold: 0 },
  });
  return (components) => limitInbound(create(components), allowances, onDropped);
}

/**
 * The ID of a message as it came: one that was seen is not verified again for each neighbour that relays it.
 * Only messages that were verified are remembered by it, so a forgery cannot keep out the real one.
 * @see go-libp2p-pubsub pubsub.go pushMsg
 */
function rawMessageId(from: Uint8Array | undefined, sequenceNumber: Uint8Array | undefined): string {
  return Buffer.concat([from ?? Buffer.alloc(0), sequenceNumber ?? Buffer.alloc(0)]).toString('latin1');
}

/**
 * `from‖seqno`, byte for byte as Go peers form it.
 * The library's default leaves out the multihash prefix, so that the IDs Go announces in IHAVE would never be known here.
 */
export function messageId(message: Message): Uint8Array {
  if (message.type !== 'signed') throw new Error('unsigned messages are refused before they get here');
  const from = message.from.toMultihash().bytes;
  const id = Buffer.alloc(from.length + SEQUENCE_NUMBER_BYTES);
  id.set(from);
  id.writeBigUInt64BE(message.sequenceNumber, from.length);
  return id;
}

/** Topics of one host; may be filled before the host starts. */
export class GossipTopics {
  readonly #gossip: GossipSub;
  readonly #log: Logger;
  readonly #topics = new Set<string>();
  #started = false;

  constructor(gossip: GossipSub, log: Logger) {
    this.#gossip = gossip;
    this.#log = log;
  }

  /** Call when libp2p has started. */
  start(): void {
    this.#started = true;
    for (const topic of this.#topics) this.#gossip.subscribe(topic);
  }

  stop(): void {
    this.#started = false;
  }

  subscribe(topic: string, validator: (message: HostMessage) => TopicVerdict): void {
    this.#topics.add(topic);
    scoresOf(this.#gossip)[topic] = TOPIC_SCORE;
    this.#gossip.topicValidators.set(topic, (receivedFrom, message) =>
      this.#judge(receivedFrom, message, validator),
    );
    if (this.#started) this.#gossip.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    if (!this.#topics.delete(topic)) return;
    if (this.#started) this.#gossip.unsubscribe(topic);
    this.#gossip.topicValidators.delete(topic);
  }

  async publish(topic: string, data: Uint8Array): Promise<void> {
    if (!this.#started) throw publishError(new Error('the host is not running'), topic);
    if (data.length > MAX_GOSSIP_BYTES) {
      throw publishError(new Error(`${data.length} bytes are more than ${MAX_GOSSIP_BYTES}`), topic);
    }
    try {
      await this.#gossip.publish(topic, data);
    } catch (error) {
      throw publishError(error, topic);
    }
  }

  #judge(
    receivedFrom: Libp2pPeerId,
    message: Message,
    validator: (message: HostMessage) => TopicVerdict,
  ): TopicValidatorResult {
    if (message.type !== 'signed') return TopicValidatorResult.Reject;
    try {
      const verdict = validator({
        topic: message.topic,
        from: message.from.toString() as PeerId,
        receivedFrom: receivedFrom.toString() as PeerId,
        data: message.data,
      });
      return VERDICTS[verdict];
    } catch (error) {
      // A validator must not throw; the neighbour cannot be blamed for our fault.
      this.#log.error('topic validator failed', { topic: message.topic, error: errorText(error) });
      return TopicValidatorResult.Ignore;
    }
  }
}

/**
 * The live table of topic scores. The library takes it at construction only, when our topics are not known;
 * a spec asserts that a peer whose messages are rejected is not heard any more.
 */
function scoresOf(gossip: GossipSub): PeerScoreParams['topics'] {
  return (gossip as unknown as { opts: { scoreParams: PeerScoreParams } }).opts.scoreParams.topics;
}
