import { type Clock, withDeadline } from '../../src/common/clock.js';
import { NetworkError } from '../../src/modules/network/network.errors.js';
import type {
  PeerCallOptions,
  PeerMethod,
  PeerProtocols,
} from '../../src/modules/network/ports/peer-protocols.port.js';
import type { PeerId } from '../../src/modules/network/ports/types.js';

/** The answer's bytes, an error to fail with, or undefined for a peer that stays silent. */
export type ScriptedAnswer = Uint8Array | Error | undefined;

export interface ScriptedCall {
  readonly peerId: PeerId;
  readonly path: string;
  readonly request: Uint8Array;
}

/** Peers that answer unary calls by a script; deadlines and cancellation are kept as the port says. */
export class ScriptedProtocols implements PeerProtocols {
  readonly calls: ScriptedCall[] = [];
  answer: (call: ScriptedCall) => ScriptedAnswer = () => undefined;

  constructor(private readonly clock: Clock) {}

  async call<Request, Response>(
    peerId: PeerId,
    { path, encode, decode }: PeerMethod<Request, Response>,
    request: Request,
    { signal, timeoutMs }: PeerCallOptions & { timeoutMs: number },
  ): Promise<Response> {
    const call = { peerId, path, request: encode(request) };
    this.calls.push(call);
    const onTimeout = () => new NetworkError({ code: 'NETWORK.RPC_TIMEOUT', peerId, path, timeoutMs });
    const answer = await withDeadline(this.clock, { timeoutMs, signal, onTimeout }, async () => {
      await Promise.resolve();
      return this.answer(call) ?? new Promise<never>(() => {});
    });
    if (answer instanceof Error) throw answer;
    return decode(answer);
  }

  stream(): AsyncIterable<never> {
    throw new Error('scripted peers do not stream');
  }

  /** Calls of one method, such as `/v1.Discovery/FindPeers`. */
  callsOf(path: string): ScriptedCall[] {
    return this.calls.filter((call) => call.path === path);
  }
}
