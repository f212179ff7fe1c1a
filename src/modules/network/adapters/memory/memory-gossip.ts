import type { HostMessage, TopicVerdict } from '../../ports/host.port.js';
import type { PeerId } from '../../ports/types.js';

/** How many messages a host remembers, so that none is handled twice. */
const MAX_SEEN = 10_000;

interface Envelope {
  readonly id: string;
  readonly topic: string;
  readonly from: PeerId;
  readonly data: Uint8Array;
}

/** One host's part in flooding: every neighbour that joined a topic gets each of its messages once. */
export class MemoryGossip {
  readonly #self: PeerId;
  readonly #neighbours: () => Iterable<{ peerId: PeerId; gossip: MemoryGossip }>;
  readonly #validators = new Map<string, (message: HostMessage) => TopicVerdict>();
  readonly #seen = new Set<string>();
  #sequenceNumber = 0;

  constructor(self: PeerId, neighbours: () => Iterable<{ peerId: PeerId; gossip: MemoryGossip }>) {
    this.#self = self;
    this.#neighbours = neighbours;
  }

  subscribe(topic: string, validator: (message: HostMessage) => TopicVerdict): void {
    this.#validators.set(topic, validator);
  }

  unsubscribe(topic: string): void {
    this.#validators.delete(topic);
  }

  /** @returns how many neighbours it was sent to. */
  publish(topic: string, data: Uint8Array): number {
    this.#sequenceNumber += 1;
    const envelope = {
      id: `${this.#self}:${this.#sequenceNumber}`,
      topic,
      from: this.#self,
      data: data.slice(),
    };
    this.#remember(envelope.id);
    return this.#send(envelope, this.#self);
  }

  #send(envelope: Envelope, receivedFrom: PeerId): number {
    let sent = 0;
    for (const { peerId, gossip } of this.#neighbours()) {
      const isKnown = peerId === receivedFrom || peerId === envelope.from;
      if (isKnown || !gossip.#validators.has(envelope.topic)) continue;
      queueMicrotask(() => gossip.#receive(envelope, this.#self));
      sent += 1;
    }
    return sent;
  }

  #receive(envelope: Envelope, receivedFrom: PeerId): void {
    const { id, topic, from, data } = envelope;
    const validator = this.#validators.get(topic);
    if (validator === undefined || this.#seen.has(id)) return;
    this.#remember(id);
    if (validator({ topic, from, receivedFrom, data: data.slice() }) === 'accept')
      this.#send(envelope, receivedFrom);
  }

  #remember(id: string): void {
    this.#seen.add(id);
    const [oldest] = this.#seen;
    if (this.#seen.size > MAX_SEEN && oldest !== undefined) this.#seen.delete(oldest);
  }
}
