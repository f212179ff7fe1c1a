import { NEVER, type Observable, Subject } from 'rxjs';
import { type Clock, withDeadline } from '../../src/common/clock.js';
import {
  type AddProgress,
  NetworkError,
  type PeerDetails,
  type PeerEvent,
  type PeerFault,
  type PeerId,
  type PeerInfo,
  type PeerMethod,
  type PeerProtocols,
  type PeerStanding,
  type Peers,
  type TopicMessage,
  type Topics,
  type TopicVerdict,
} from '../../src/modules/network/index.js';
import type { PeerScript } from './peer-scripts.js';

export const peerId = (name: string) => name as PeerId;

/** What is known of a peer that nobody knows. */
export const aStranger = (id: PeerId): PeerDetails => ({
  peerId: id,
  protocols: [],
  addresses: [],
  agent: undefined,
  score: 0,
  reasons: [],
  isTrusted: false,
  isStatic: false,
  ban: undefined,
  quarantinedUntilMs: undefined,
  latencyMs: undefined,
  traffic: undefined,
  lastMishap: undefined,
});

/** A peer that nobody ever heard of, and a node with room. */
export const anUnknown: PeerStanding = {
  isSelf: false,
  isNamed: false,
  addresses: [],
  seenAtMs: undefined,
  dial: undefined,
  isCandidate: false,
  failures: 0,
  retryInMs: 0,
  isScoreTooLow: false,
  slots: { inbound: { taken: 0, limit: 32 }, outbound: { taken: 0, limit: 8 } },
};

/** PEERS, TOPICS and PEER_PROTOCOLS over scripted peers. A fault of severity `drop` disconnects. */
export class FakeNetwork implements Peers, Topics, PeerProtocols {
  readonly self = peerId('self');
  private readonly eventsSubject = new Subject<PeerEvent>();
  readonly events$ = this.eventsSubject.asObservable();
  private readonly scripts = new Map<PeerId, { script: PeerScript; gone: AbortController }>();
  private readonly gossipSubject = new Subject<TopicMessage>();
  private validator: ((message: TopicMessage) => TopicVerdict) | undefined;
  readonly faults: (PeerFault & { peerId: PeerId })[] = [];
  /** Neighbours that whatever is published is sent to. */
  recipients = 1;
  readonly published: { topic: string; data: Uint8Array }[] = [];
  /** Every GetBlocks: whom, and from where. */
  readonly asked: { peerId: PeerId; from: unknown }[] = [];
  /** Peers that somebody had use for. */
  readonly useful = new Set<PeerId>();
  openCalls = 0;

  constructor(private readonly clock: Clock) {}

  connect(id: PeerId, script: PeerScript): void {
    this.scripts.set(id, { script, gone: new AbortController() });
    this.eventsSubject.next({ type: 'peer:connected', peerId: id, direction: 'outbound', atMs: 0 });
  }

  leave(id: PeerId): void {
    const peer = this.scripts.get(id);
    if (!peer) return;
    this.scripts.delete(id);
    const cause = new NetworkError({ code: 'NETWORK.CONNECTION_CLOSED', peerId: id });
    peer.gone.abort(cause);
    this.eventsSubject.next({ type: 'peer:disconnected', peerId: id, cause, atMs: 0 });
  }

  /** Hands us a gossip message; gives the verdict. */
  gossip(from: PeerId, data: Uint8Array, receivedFrom = from): TopicVerdict | undefined {
    const message = { topic: 'syncer/status/0.1', from, receivedFrom, data };
    const verdict = this.validator?.(message);
    if (verdict === 'accept') this.gossipSubject.next(message);
    return verdict;
  }

  selfAddress(): undefined {}

  add(): Observable<AddProgress> {
    return NEVER;
  }

  list(): readonly PeerInfo[] {
    return [...this.scripts.keys()].map((id) => ({ peerId: id, directions: ['outbound'], connectedAtMs: 0 }));
  }

  has(id: PeerId): boolean {
    return this.scripts.has(id);
  }

  describe(id: PeerId): PeerDetails {
    return aStranger(id);
  }

  standing(): PeerStanding {
    return anUnknown;
  }

  remembered(): readonly PeerId[] {
    return [];
  }

  markUseful(id: PeerId): void {
    this.useful.add(id);
  }

  report(id: PeerId, fault: PeerFault): void {
    this.faults.push({ ...fault, peerId: id });
    if (fault.severity === 'drop') this.leave(id);
  }

  async disconnect(id: PeerId): Promise<void> {
    this.leave(id);
  }

  subscribe(_topic: string, validator: (message: TopicMessage) => TopicVerdict) {
    this.validator = validator;
    return this.gossipSubject.asObservable();
  }

  async publish(topic: string, data: Uint8Array): Promise<number> {
    this.published.push({ topic, data });
    return this.recipients;
  }

  async call<Request, Response>(
    id: PeerId,
    method: PeerMethod<Request, Response>,
    request: Request,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<Response> {
    const { script, gone } = this.script(id);
    method.encode(request);
    return this.during(id, method.path, { signal, timeoutMs, gone: gone.signal }, async () =>
      method.decode(encodeStatus(await script.status())),
    );
  }

  async *stream<Request, Response>(
    id: PeerId,
    method: PeerMethod<Request, Response>,
    request: Request,
    { signal, idleTimeoutMs }: { signal: AbortSignal; idleTimeoutMs: number },
  ): AsyncGenerator<Response> {
    const { script, gone } = this.script(id);
    this.asked.push({ peerId: id, from: request });
    const ended = new AbortController();
    const source = script.blocks(Number(request), ended.signal)[Symbol.asyncIterator]();
    this.openCalls++;
    try {
      for (;;) {
        const limits = { signal, timeoutMs: idleTimeoutMs, gone: gone.signal };
        const { done, value } = await this.during(id, method.path, limits, () => source.next());
        if (done) return;
        yield method.decode(encodeBlock(value));
      }
    } finally {
      this.openCalls--;
      ended.abort();
      await source.return?.();
    }
  }

  private script(id: PeerId) {
    const peer = this.scripts.get(id);
    if (!peer) throw new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId: id });
    return peer;
  }

  private async during<T>(
    id: PeerId,
    path: string,
    { signal, timeoutMs, gone }: { signal: AbortSignal; timeoutMs: number; gone: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T> {
    const onTimeout = () => new NetworkError({ code: 'NETWORK.RPC_TIMEOUT', peerId: id, path, timeoutMs });
    const either = new AbortController();
    const cancelled = () => either.abort(new NetworkError({ code: 'NETWORK.CANCELLED' }));
    const left = () => either.abort(gone.reason);
    signal.addEventListener('abort', cancelled, { once: true });
    gone.addEventListener('abort', left, { once: true });
    if (signal.aborted) cancelled();
    if (gone.aborted) left();
    try {
      return await withDeadline(this.clock, { timeoutMs, signal: either.signal, onTimeout }, work);
    } finally {
      signal.removeEventListener('abort', cancelled);
      gone.removeEventListener('abort', left);
    }
  }
}

/** Written out here, so that a fault in our encoder does not hide one in our decoder. */
export function encodeStatus(number: bigint): Uint8Array {
  if (number === 0n) return new Uint8Array();
  const bytes = [0x08];
  for (let rest = number; ; rest >>= 7n) {
    const digit = Number(rest & 0x7fn);
    if (rest < 0x80n) return Uint8Array.from([...bytes, digit]);
    bytes.push(digit | 0x80);
  }
}

function encodeBlock(block: Uint8Array): Uint8Array {
  return Uint8Array.from([0x0a, block.length, ...block]);
}
