import type { Observable } from 'rxjs';
import type { HostMessage, TopicVerdict } from './host.port.js';

export const TOPICS = Symbol('TOPICS');

export type TopicMessage = HostMessage;

/** Gossip by topic. Each topic has one owner, who brings its validator. */
export interface Topics {
  /**
   * Joins the topic and streams the messages that the validator accepted. The validator must be quick and must not throw.
   * Own messages are not delivered. Completes at shutdown.
   */
  subscribe(topic: string, validator: (message: TopicMessage) => TopicVerdict): Observable<TopicMessage>;
  /** @returns how many neighbours it was sent to. @throws {NetworkError} NETWORK.PUBLISH_FAILED */
  publish(topic: string, data: Uint8Array): Promise<number>;
}
