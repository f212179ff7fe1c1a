import type { EventEmitter } from 'node:events';

/** The sending half of a server stream: a call of grpc-js and our own call towards a peer both fit. */
export interface StreamCall<T> {
  /** False when the caller reads slower than we write: wait for `drain`. */
  write(message: T): boolean;
  readonly writableNeedDrain: boolean;
  once(event: 'drain', listener: () => void): unknown;
  off(event: 'drain', listener: () => void): unknown;
}

/** A call that tells its end by a signal (towards a peer) or by events (grpc-js). */
type EndingCall = { readonly signal: AbortSignal } | Pick<EventEmitter, 'once' | 'off'>;

/** Runs `onEnd` once when the call is over on the other side; the returned function stops waiting. */
export function onCallEnd(call: object, onEnd: () => void): () => void {
  const ending = call as EndingCall;
  if ('signal' in ending) {
    ending.signal.addEventListener('abort', onEnd, { once: true });
    if (ending.signal.aborted) onEnd();
    return () => ending.signal.removeEventListener('abort', onEnd);
  }
  ending.once('cancelled', onEnd);
  ending.once('close', onEnd);
  if ((call as { cancelled?: boolean }).cancelled) onEnd();
  return () => {
    ending.off('cancelled', onEnd);
    ending.off('close', onEnd);
  };
}
