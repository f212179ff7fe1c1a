import { Duplex } from 'node:stream';

/** Both buffers of one end, bytes. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;

/** One end of a byte pipe with backpressure: a write is done when the other end asks for more. */
class PairedDuplex extends Duplex {
  #other: PairedDuplex | undefined;
  /** Lets the other end's write go on. */
  #release: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: HIGH_WATER_MARK_BYTES });
    // An error that nobody listens to must not end the process.
    this.on('error', () => {});
  }

  static pair(): [Duplex, Duplex] {
    const [a, b] = [new PairedDuplex(), new PairedDuplex()];
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  override _read(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const other = this.#other;
    if (other === undefined || other.destroyed) callback(new Error('stream reset'));
    // A copy: over a network nobody gets the writer's own memory.
    else if (other.push(Buffer.from(chunk))) process.nextTick(callback);
    else other.#release = callback;
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#other?.push(null);
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const other = this.#other;
    this.#other = undefined;
    this._read();
    const clean = this.readableEnded && this.writableFinished;
    if (!clean) process.nextTick(() => other?.destroy(new Error('stream reset')));
    callback(error);
  }
}

/** Two connected byte streams. Destroying one before both directions ended resets the other. */
export function duplexPair(): [Duplex, Duplex] {
  return PairedDuplex.pair();
}
