import { type GossipSub, gossipsub, type Message, StrictSign, TopicValidatorResult } from '@libp2p/gossipsub';
import type { PeerId as Libp2pPeerId } from '@libp2p/interface';
import { errorFields } from '../../../../common/app-error.js';
import type { Logger } from '../../../../common/logger.port.js';
import type { HostContext } from '../../host-context.js';
import type { NetworkConfig } from '../../network.config.js';
import type { HostMessage, TopicVerdict } from '../../ports/host.port.js';
import type { PeerId } from '../../ports/types.js';
import { guarded } from './gossip-guard.js';
import { messageIdText } from './gossip-message.js';
import { routerOf } from './gossip-router.js';
import { peerScoreParams, SCORE_THRESHOLDS, TOPIC_SCORE } from './gossip-scores.js';
import { publishError } from './libp2p-errors.js';

/** What a message has besides its data, bytes, at most. */
const ENVELOPE_BYTES = 1_024;
/** Per peer; a topic costs its length plus 1 KiB, so about 60 topics. */
const MAX_TOPIC_BYTES_PER_PEER = 64 * 1024;
/** What waits for a neighbour that does not read, RPCs of the largest size; control messages count too. */
const MAX_OUTBOUND_RPCS = 4;
/** Of one protocol and direction. One is used; another may come before the end of the first is known. */
const MAX_STREAMS = 4;
/** Messages from here up are announced to neighbours before they are judged, bytes. */
const ANNOUNCED_FROM_BYTES = 4 * 1024;
const SEQUENCE_NUMBER_BYTES = 8;

const VERDICTS: Record<TopicVerdict, TopicValidatorResult> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

/**
 * Gossipsub as the Go client runs it.
 * @see polygon-edge@597a0f3 network/server.go, go-libp2p-pubsub gossipsub.go
 * @remarks Differs: peers are scored, and what they may have us do is bounded, see {@link guarded}.
 */
export function gossipService(context: HostContext): ReturnType<typeof gossipsub> {
  const { gossip, limits } = context.config;
  const create = gossipsub({
    globalSignaturePolicy: StrictSign,
    msgIdFn: messageId,
    msgIdToStrFn: messageIdText,
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
    maxInboundStreams: MAX_STREAMS,
    maxOutboundStreams: MAX_STREAMS,
    maxOutboundBufferSize: MAX_OUTBOUND_RPCS * gossip.maxMessageBytes,
    maxTopicBytesPerPeer: MAX_TOPIC_BYTES_PER_PEER,
    idontwantMinDataSize: ANNOUNCED_FROM_BYTES,
    scoreParams: peerScoreParams(limits.loopback === 'exempt'),
    scoreThresholds: SCORE_THRESHOLDS,
  });
  return (components) => guarded(create(components), context);
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
  readonly #maxBytes: number;
  readonly #topics = new Set<string>();
  #started = false;

  constructor(gossip: GossipSub, log: Logger, { maxMessageBytes }: NetworkConfig['gossip']) {
    this.#gossip = gossip;
    this.#log = log;
    this.#maxBytes = maxMessageBytes - ENVELOPE_BYTES;
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
    // The library takes scores at construction only, when our topics are not known.
    routerOf(this.#gossip).opts.scoreParams.topics[topic] = TOPIC_SCORE;
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

  async publish(topic: string, data: Uint8Array): Promise<number> {
    if (!this.#started) throw publishError(new Error('the host is not running'), topic);
    if (data.length > this.#maxBytes) {
      throw publishError(new Error(`${data.length} bytes are more than ${this.#maxBytes}`), topic);
    }
    try {
      const { recipients } = await this.#gossip.publish(topic, data);
      return recipients.length;
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
      this.#log.error('topic validator failed', { topic: message.topic, ...errorFields(error) });
      return TopicValidatorResult.Ignore;
    }
  }
}
