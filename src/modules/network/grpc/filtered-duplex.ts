import { Duplex } from 'node:stream';
import type { GoawayWatch } from './goaway-watch.js';
import type { InboundFilter } from './inbound-filter.js';

/** Both ways. Larger than an HTTP/2 frame, so that the engine is fed in few calls. */
const BUFFER_BYTES = 131_072;

export interface FilteredDuplexOptions {
  readonly inbound: InboundFilter;
  readonly outbound: GoawayWatch;
  /** The engine gave the peer up (see {@link GoawayWatch}). */
  onGivenUp(): void;
}

/**
 * A peer's byte stream as the HTTP/2 engine sees it: what comes in is filtered, what goes out is watched. Owns the
 * inner stream: the two end, fail and are destroyed together. Never throws; a filter that throws destroys it with
 * that error.
 */
export class FilteredDuplex extends Duplex {
  readonly #inner: Duplex;
  readonly #outbound: GoawayWatch;
  readonly #onGivenUp: () => void;
  #isHeld = false;

  constructor(inner: Duplex, { inbound, outbound, onGivenUp }: FilteredDuplexOptions) {
    super({ highWaterMark: BUFFER_BYTES });
    this.#inner = inner;
    this.#outbound = outbound;
    this.#onGivenUp = onGivenUp;
    const emit = (bytes: Uint8Array) => {
      if (!this.push(bytes)) inner.pause();
    };
    inner.pause();
    inner.on('data', (chunk: Uint8Array) => {
      try {
        inbound.push(chunk, emit);
      } catch (error) {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    inner.once('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.once('close', () => this.destroy());
    if (inner.destroyed) this.destroy();
  }

  /** Reads nothing more from the peer until {@link releaseInbound}. */
  holdInbound(): void {
    this.#isHeld = true;
    this.#inner.pause();
  }

  releaseInbound(): void {
    this.#isHeld = false;
    this.#inner.resume();
  }

  override _read(): void {
    if (!this.#isHeld) this.#inner.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#watch(chunk);
    this.#inner.write(chunk, done);
  }

  override _writev(
    chunks: readonly { readonly chunk: Uint8Array }[],
    done: (error?: Error | null) => void,
  ): void {
    const last = chunks.length - 1;
    this.#inner.cork();
    for (const [i, { chunk }] of chunks.entries()) {
      this.#watch(chunk);
      this.#inner.write(chunk, i === last ? done : undefined);
    }
    this.#inner.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner.destroy();
    done(error);
  }

  #watch(chunk: Uint8Array): void {
    // Not on the engine's own stack.
    if (this.#outbound.sees(chunk)) setImmediate(this.#onGivenUp);
  }
}
