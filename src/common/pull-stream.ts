import { Observable } from 'rxjs';
import { onCallEnd, type StreamCall } from './stream-call.js';

/**
 * Sends bulk data (an export, blocks to a peer): the next batch is asked for only when the caller has taken the last,
 * so a stalled caller costs one batch. Return it from a streaming rpc; it emits nothing, completes when all is handed
 * over, and fails with what `source` threw. The signal aborts when the caller is gone.
 */
export function pullStream<T>(
  call: StreamCall<T>,
  source: (signal: AbortSignal) => AsyncIterable<readonly T[]>,
): Observable<never> {
  return new Observable<never>((subscriber) => {
    const controller = new AbortController();
    const ignoreEnd = onCallEnd(call, () => controller.abort());
    send(call, source(controller.signal), controller.signal).then(
      () => subscriber.complete(),
      (error: unknown) => (controller.signal.aborted ? subscriber.complete() : subscriber.error(error)),
    );
    return () => {
      ignoreEnd();
      controller.abort();
    };
  });
}

async function send<T>(
  call: StreamCall<T>,
  batches: AsyncIterable<readonly T[]>,
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of batches) {
    for (const message of batch) {
      if (signal.aborted) return;
      if (!call.write(message)) await drained(call, signal);
    }
  }
}

function drained<T>(call: StreamCall<T>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
