import { GrpcMethodStreamingType, type MessageHandler } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { PeerCall, PeerHandlers, PeerMethodHandler } from '../modules/network/index.js';
import type { MethodCodec } from './service-codecs.js';
import { type RpcHandler, unaryAnswer } from './unary-answer.js';

const MAX_PEER_REQUEST_BYTES = 16 * 1_024;

/** Nest's registered handlers, by the pattern that @GrpcMethod gives them. */
export type MessageHandlers = ReadonlyMap<string, MessageHandler>;

/** The key under which Nest keeps the handler of a @GrpcMethod. */
export function handlerPattern(service: string, rpc: string): string {
  return JSON.stringify({ service, rpc, streaming: GrpcMethodStreamingType.NO_STREAMING });
}

/** Answers peers' calls from Nest's controllers: one lookup, one codec, no transport detail reaches a controller. */
export class PeerRouter implements PeerHandlers {
  private readonly found = new Map<string, PeerMethodHandler>();

  constructor(
    private readonly handlers: MessageHandlers,
    private readonly codecs: ReadonlyMap<string, MethodCodec>,
  ) {}

  /** `service` with its package, such as `v1.Identity`. */
  find(service: string, method: string): PeerMethodHandler | undefined {
    const path = `/${service}/${method}`;
    const known = this.found.get(path);
    if (known) return known;
    const codec = this.codecs.get(path);
    const handler = this.handlers.get(handlerPattern(service.replace(/^.*\./, ''), method));
    if (!codec || !handler) return undefined;
    const built = peerMethodHandler(codec, handler);
    this.found.set(path, built);
    return built;
  }
}

function peerMethodHandler(codec: MethodCodec, handler: MessageHandler): PeerMethodHandler {
  const common = {
    decode: codec.decodeRequest,
    encode: codec.encodeResponse,
    maxRequestBytes: MAX_PEER_REQUEST_BYTES,
  };
  // Peers send no metadata that anyone reads.
  const answer = (request: unknown, call: PeerCall) => (handler as RpcHandler)(request, undefined, call);
  if (!codec.responseStream) {
    return {
      ...common,
      kind: 'unary',
      handle: (request, call) => unaryAnswer(answer(request, call)),
    };
  }
  return {
    ...common,
    kind: 'server-stream',
    handle: async (request, call) => completed((await answer(request, call)) as Observable<unknown>, call),
  };
}

/** Streaming handlers write to the call themselves (pullStream, boundedStream); their Observable only tells the end. */
function completed(result$: Observable<unknown>, { signal }: PeerCall): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = result$.subscribe({ complete: resolve, error: reject });
    const onAbort = () => {
      subscription.unsubscribe();
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    subscription.add(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}
