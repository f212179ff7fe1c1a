import { Inject, Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { errorFields } from '../../../common/app-error.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_LOG } from '../network.log.js';
import { NETWORK_METRICS, type NetworkMetrics } from '../network.metrics.js';
import { HOST, type Host, type TopicVerdict } from '../ports/host.port.js';
import type { TopicMessage, Topics } from '../ports/topics.port.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { BoundedDelivery } from './bounded-delivery.js';

type TopicValidator = (message: TopicMessage) => TopicVerdict;

/** Gossip above the host: one owner per topic, counted, delivered from a bounded queue, completed at shutdown. */
@Injectable()
export class TopicsService implements Topics {
  /** While it is, nothing is published, taken or relayed, and nobody is blamed for what comes. */
  isPaused = false;
  readonly #streams = new Map<string, Subject<TopicMessage>>();

  constructor(
    @Inject(HOST) private readonly host: Host,
    @Inject(ConnectionSlots) private readonly slots: Pick<ConnectionSlots, 'markUseful'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
    @Inject(NETWORK_METRICS) private readonly metrics: NetworkMetrics,
  ) {}

  subscribe(topic: string, validator: TopicValidator): Observable<TopicMessage> {
    if (this.#streams.has(topic)) throw new Error(`topic ${topic} has an owner`);
    const stream = new Subject<TopicMessage>();
    this.#streams.set(topic, stream);
    const delivery = new BoundedDelivery<TopicMessage>(
      (message) => stream.next(message),
      () => this.metrics.gossipDropped(topic, 'queue-full'),
    );
    stream.subscribe({ complete: () => delivery.stop() });
    this.host.subscribe(topic, (message) => this.#receive(delivery, validator, message));
    return stream.asObservable();
  }

  async publish(topic: string, data: Uint8Array): Promise<number> {
    if (this.isPaused) {
      const reason = 'gossip is paused';
      throw new NetworkError({ code: 'NETWORK.PUBLISH_FAILED', topic, reason });
    }
    const recipients = await this.host.publish(topic, data);
    this.metrics.gossipPublished(topic, data.length);
    return recipients;
  }

  /** Leaves all topics and completes their streams. */
  stop(): void {
    for (const [topic, stream] of this.#streams) {
      this.host.unsubscribe(topic);
      stream.complete();
    }
    this.#streams.clear();
  }

  #receive(
    delivery: BoundedDelivery<TopicMessage>,
    validator: TopicValidator,
    message: TopicMessage,
  ): TopicVerdict {
    const isIgnored = this.isPaused || message.from === this.host.peerId;
    const verdict = isIgnored ? 'ignore' : this.#judge(validator, message);
    this.metrics.gossipReceived(message.topic, verdict, message.data.length);
    if (verdict === 'accept') {
      this.slots.markUseful(message.receivedFrom, this.clock.nowMs());
      delivery.offer(message);
    }
    return verdict;
  }

  /** A validator that throws is a bug of ours, for which no neighbour is to be blamed. */
  #judge(validator: TopicValidator, message: TopicMessage): TopicVerdict {
    try {
      return validator(message);
    } catch (error) {
      this.log.error('topic validator failed', { topic: message.topic, ...errorFields(error) });
      return 'ignore';
    }
  }
}
