import type { Duplex } from 'node:stream';
import { type Clock, withDeadline } from '../../../common/clock.js';
import type { ResourceLedger } from '../limits/resource-ledger.js';
import { NetworkError } from '../network.errors.js';
import type {
  PeerCallOptions,
  PeerMethod,
  PeerProtocols,
  PeerStreamOptions,
} from '../ports/peer-protocols.port.js';
import type { PeerId, ProtocolId } from '../ports/types.js';
import { ClientCall, type ClientCallOptions } from './client-call.js';

export interface PeerRpcClientOptions {
  /** Opens a byte stream over an existing connection, as `Host.openStream` does. */
  openStream(peerId: PeerId, protocol: ProtocolId, options: { signal: AbortSignal }): Promise<Duplex>;
  readonly ledger: Pick<ResourceLedger, 'reserve'>;
  readonly clock: Clock;
  /** Such as `edgekeeper/1.0.0`. */
  readonly userAgent: string;
}

interface Where {
  readonly peerId: PeerId;
  readonly path: string;
}

/** gRPC calls to peers, each over a byte stream of its own. Nothing of a call outlives it by more than two seconds. */
export class PeerRpcClient implements PeerProtocols {
  readonly #options: PeerRpcClientOptions;

  constructor(options: PeerRpcClientOptions) {
    this.#options = options;
  }

  call<Request, Response>(
    peerId: PeerId,
    method: PeerMethod<Request, Response>,
    request: Request,
    { signal, timeoutMs }: PeerCallOptions & { timeoutMs: number },
  ): Promise<Response> {
    const where = { peerId, path: method.path };
    return this.#within(where, timeoutMs, signal, async (ending) => {
      const call = await this.#open({ peerId, method, request, timeoutMs }, ending);
      const close = () => call.close();
      ending.addEventListener('abort', close, { once: true });
      if (ending.aborted) close();
      try {
        const response = await call.next(timeoutMs);
        if (response === undefined) throw badMessage(where, 'no message');
        if ((await call.next(timeoutMs)) !== undefined) throw badMessage(where, 'more than one message');
        return response;
      } finally {
        close();
      }
    });
  }

  async *stream<Request, Response>(
    peerId: PeerId,
    method: PeerMethod<Request, Response>,
    request: Request,
    { signal, idleTimeoutMs }: PeerStreamOptions,
  ): AsyncGenerator<Response, void, undefined> {
    const where = { peerId, path: method.path };
    const call = await this.#within(where, idleTimeoutMs, signal, (ending) =>
      this.#open({ peerId, method, request }, ending),
    );
    const cancel = () => call.fail(cancelled(signal));
    signal.addEventListener('abort', cancel, { once: true });
    try {
      for (;;) {
        if (signal.aborted) throw cancelled(signal);
        const message = call.take() ?? (await call.next(idleTimeoutMs));
        if (message === undefined) return;
        yield message;
      }
    } finally {
      signal.removeEventListener('abort', cancel);
      call.close();
    }
  }

  async #open<Request, Response>(
    call: Omit<ClientCallOptions<Request, Response>, 'userAgent' | 'clock' | 'memory'>,
    signal: AbortSignal,
  ): Promise<ClientCall<Request, Response>> {
    const { clock, userAgent, openStream, ledger } = this.#options;
    const { peerId, method } = call;
    const duplex = await openStream(peerId, method.protocol, { signal });
    if (signal.aborted) {
      duplex.on('error', () => {});
      duplex.destroy();
      throw signal.reason;
    }
    const memory = ledger.reserve('memory', 0, { peerId, protocol: method.protocol });
    return new ClientCall(duplex, { ...call, userAgent, clock, memory });
  }

  /** @throws {NetworkError} NETWORK.RPC_TIMEOUT | NETWORK.CANCELLED, and what the work throws */
  async #within<T>(
    where: Where,
    timeoutMs: number,
    signal: AbortSignal,
    work: (ending: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const onTimeout = () => new NetworkError({ code: 'NETWORK.RPC_TIMEOUT', ...where, timeoutMs });
    try {
      return await withDeadline(this.#options.clock, { timeoutMs, signal, onTimeout }, work);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      throw cancelled(signal);
    }
  }
}

function cancelled(signal: AbortSignal): NetworkError {
  return new NetworkError({ code: 'NETWORK.CANCELLED' }, signal.reason);
}

function badMessage(where: Where, reason: string): NetworkError {
  return new NetworkError({ code: 'NETWORK.BAD_MESSAGE', ...where, reason });
}
