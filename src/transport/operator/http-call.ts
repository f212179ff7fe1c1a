import { PassThrough } from 'node:stream';
import type { Observable } from 'rxjs';
import type { StreamCall } from '../../common/stream-call.js';

/**
 * The sending half of a server stream over HTTP/1.1. What is written waits until the response takes it: one message,
 * and one on its way, so that a slow reader meets the same limits as over gRPC.
 */
export class HttpCall extends PassThrough implements StreamCall<unknown> {
  /** @param signal Aborts when the caller is gone or its time is over. */
  constructor(readonly signal: AbortSignal) {
    super({ objectMode: true, highWaterMark: 1, signal });
  }
}

/**
 * What a streaming handler writes to the call, as the response pulls it. Handlers write by boundedStream and pullStream
 * only; their Observable tells the end. What they fail with comes after the messages before it.
 * @throws what the handler failed with, or the signal's reason
 */
export async function* streamedBy(
  handle: (call: HttpCall) => Promise<Observable<unknown>>,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  const call = new HttpCall(signal);
  // An aborted stream tells of it by an error, which may come while nobody reads.
  call.on('error', () => undefined);
  let failure: { readonly error: unknown } | undefined;
  const ended$ = await handle(call);
  const subscription = ended$.subscribe({
    error: (error: unknown) => {
      failure = { error };
      call.end();
    },
    complete: () => call.end(),
  });
  try {
    yield* call;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    subscription.unsubscribe();
    call.destroy();
  }
  if (failure !== undefined) throw failure.error;
}
