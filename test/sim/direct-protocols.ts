import { type Clock, delay, withDeadline } from '../../src/common/clock.js';
import type { Random } from '../../src/common/random.js';
import { NetworkError } from '../../src/modules/network/network.errors.js';
import type { Host } from '../../src/modules/network/ports/host.port.js';
import type { PeerMethod, PeerProtocols } from '../../src/modules/network/ports/peer-protocols.port.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';

/** One way through the simulated network, ms. */
const LATENCY_MS = { least: 5, spread: 45 };

/** Answers a call of `caller`; what it throws the caller sees as NETWORK.RPC_FAILED. */
export type DirectHandler = (path: string, request: Uint8Array, caller: PeerId) => Uint8Array;

/** The calls of a simulation: every node's handler by its ID, and how many calls there were. */
export interface CallExchange {
  readonly handlers: Map<PeerId, DirectHandler>;
  readonly calls: Map<string, number>;
}

/** Calls that reach the other node's controllers without HTTP/2: same bytes, same errors, simulated time. */
export class DirectProtocols implements PeerProtocols {
  constructor(
    private readonly host: Host,
    private readonly exchange: CallExchange,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  async call<Request, Response>(
    peerId: PeerId,
    { path, encode, decode }: PeerMethod<Request, Response>,
    request: Request,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<Response> {
    const { calls, handlers } = this.exchange;
    calls.set(path, (calls.get(path) ?? 0) + 1);
    const onTimeout = () => new NetworkError({ code: 'NETWORK.RPC_TIMEOUT', peerId, path, timeoutMs });
    return withDeadline<Response>(this.clock, { timeoutMs, signal, onTimeout }, async (until) => {
      await this.#travel(peerId, until);
      const handler = handlers.get(peerId);
      if (handler === undefined) throw new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId });
      const answer = this.#answer(handler, peerId, path, encode(request));
      await this.#travel(peerId, until);
      return decode(answer);
    });
  }

  // biome-ignore lint/correctness/useYield: nothing is streamed in a simulation of connections
  async *stream(): AsyncGenerator<never> {
    throw new Error('the simulation has no streams');
  }

  async #travel(peerId: PeerId, until: AbortSignal): Promise<void> {
    await delay(this.clock, LATENCY_MS.least + this.random.below(LATENCY_MS.spread), until);
    if (!this.host.connections().some((connection) => connection.peerId === peerId)) {
      throw new NetworkError({ code: 'NETWORK.NOT_CONNECTED', peerId });
    }
  }

  #answer(handler: DirectHandler, peerId: PeerId, path: string, request: Uint8Array): Uint8Array {
    try {
      return handler(path, request, this.host.peerId);
    } catch (error) {
      const details = error instanceof Error ? error.message : String(error);
      throw new NetworkError({ code: 'NETWORK.RPC_FAILED', peerId, path, status: 2, details }, error);
    }
  }
}
