import { Duplex } from 'node:stream';
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import type { Reservation } from '../../limits/resource-ledger.js';

/** What the duplex needs of a libp2p stream. */
export type ByteStream = Pick<
  Stream,
  | 'send'
  | 'pause'
  | 'resume'
  | 'close'
  | 'abort'
  | 'status'
  | 'readStatus'
  | 'remoteWriteStatus'
  | 'readBufferLength'
  | 'writableNeedsDrain'
  | 'addEventListener'
> & {
  /** Where the library's streams take in what came, also while they are paused; they tell of it in no other way. */
  onData?(data: StreamMessageEvent['data']): void;
};

/** Both buffers of the duplex, bytes. One yamux window, so that a window's worth passes without a pause. */
const HIGH_WATER_MARK_BYTES = 256 * 1024;

/**
 * Bytes per libp2p send. With a yamux header of 12 and a Noise tag of 16 bytes it fills one Noise message (65,535).
 */
const SEND_BYTES = 65_535 - 16 - 12;

/** Writes from here up are sent at once; smaller ones wait for the end of the tick, so that a burst leaves together. */
const COALESCE_BELOW_BYTES = 16 * 1024;

/** A message from here up is taken for part of a burst. */
const BURST_BYTES = 8 * 1024;

/**
 * A Node duplex over a libp2p stream, with backpressure both ways.
 *
 * - `end()` closes our half, the peer's close ends the readable half; `destroy()` before both are done resets the stream.
 * - A reset, or a connection that goes away before both halves are closed, destroys the duplex with an `Error`.
 * - What was received and not read is charged to the peer; beyond its limit the stream is reset.
 * - Nothing here throws: the libp2p stream may close between any two calls, and an `error` nobody listens to is dropped.
 */
export class StreamDuplex extends Duplex {
  readonly #stream: ByteStream;
  readonly #memory: Reservation | undefined;
  #isCharged = false;
  /** From the start: the peer's window must not grow before somebody reads. */
  #paused = true;
  #resuming = false;
  /** The rest of a burst waits in the libp2p stream. */
  #holding = false;
  #finalizing = false;
  #remoteEnded: boolean;
  #waiting: { data: Buffer; offset: number; callback: (error?: Error | null) => void } | undefined;

  /** @param memory Charged with what waits to be read; the stream releases it. */
  constructor(stream: ByteStream, memory?: Reservation) {
    super({ highWaterMark: HIGH_WATER_MARK_BYTES });
    this.#stream = stream;
    this.#memory = memory;
    this.#remoteEnded = stream.remoteWriteStatus === 'closed';
    this.on('error', ignoreUnheard);
    stream.addEventListener('message', this.#onMessage);
    stream.addEventListener('remoteCloseWrite', this.#onRemoteCloseWrite);
    stream.addEventListener('drain', this.#onDrain);
    stream.addEventListener('close', this.#onClose);
    const onData = stream.onData?.bind(stream);
    stream.onData = (data) => {
      onData?.(data);
      if (stream.readStatus === 'paused') this.#charge();
    };
    this.#pauseStream();
    if (this.#remoteEnded) this.#endWhenDrained();
    // Before our half is closed, only a reset or the end of the connection can have closed the stream.
    if (stream.status !== 'open') this.destroy(connectionClosed());
  }

  readonly #onMessage = ({ data }: StreamMessageEvent) => {
    let wantsMore = true;
    if (data instanceof Uint8Array) wantsMore = this.push(data);
    else for (const chunk of data) wantsMore = this.push(chunk);
    if (this.#remoteEnded) this.#endWhenDrained();
    if (!wantsMore) this.#paused = true;
    this.#charge();
    if (wantsMore && data.byteLength < BURST_BYTES) return;
    if (wantsMore) this.#holdForThisTurn();
    // A pause inside resume() would be undone by the rest of resume(): it sets the stream's state and opens the window again.
    if (!this.#resuming) this.#pauseStream();
  };

  /**
   * Gathers what else comes in this turn of the event loop: an open stream tells the peer after each frame how much
   * more it may send, and those tiny packets cost more than the frames.
   */
  #holdForThisTurn(): void {
    if (this.#holding) return;
    this.#holding = true;
    setImmediate(() => this.#endHold());
  }

  #endHold(): void {
    if (!this.#holding) return;
    this.#holding = false;
    if (!this.#paused) this.#resumeStream();
  }

  readonly #onRemoteCloseWrite = () => {
    this.#remoteEnded = true;
    this.#endWhenDrained();
  };

  /**
   * Deferred, because a frame that carries both data and the end announces the end first. libp2p's own `end` event
   * is no help: after a negotiation that read ahead it has fired while there still is data.
   */
  #endWhenDrained(): void {
    queueMicrotask(() => {
      if (this.#stream.readBufferLength === 0 && !this.destroyed) this.push(null);
    });
  }

  /** The libp2p stream flushes its own rest in a microtask queued just before this one. */
  readonly #onDrain = () => {
    queueMicrotask(() => {
      if (this.#waiting !== undefined && !this.#stream.writableNeedsDrain) this.#transmit();
    });
  };

  readonly #onClose = ({ error }: StreamCloseEvent) => {
    this.#endHold();
    if (error === undefined) this.#afterClose();
    else this.destroy(error);
  };

  /** The stream is gone without an error. What the peer sent before it ended its half may still be read. */
  #afterClose(): void {
    if (this.#finalizing && this.#remoteEnded) return;
    if (this.#remoteEnded && !this.readableEnded && this.writableLength === 0) {
      this.once('end', () => this.destroy(connectionClosed()));
    } else {
      this.destroy(connectionClosed());
    }
  }

  override _read(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#holding) this.#resumeStream();
  }

  /** All that leaves the buffer leaves here. */
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    if (this.#isCharged) this.#charge();
    return chunk;
  }

  #charge(): void {
    if (this.#memory === undefined || this.destroyed) return;
    const bytes = this.readableLength + this.#stream.readBufferLength;
    this.#isCharged = bytes > 0;
    try {
      this.#memory.resize(bytes);
    } catch (error) {
      this.destroy(error instanceof Error ? error : connectionClosed(error));
    }
  }

  #resumeStream(): void {
    if (this.#stream.readStatus !== 'paused') return;
    this.#resuming = true;
    try {
      this.#stream.resume();
    } catch {
      // It cannot tell the peer to go on: the connection is gone, and its close event is on the way or was before.
      this.#afterClose();
    }
    this.#resuming = false;
    if (this.#paused || this.#holding) this.#pauseStream();
  }

  #pauseStream(): void {
    if (this.#stream.readStatus === 'readable') this.#stream.pause();
  }

  override _write(data: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#waiting = { data, offset: 0, callback };
    this.#transmit();
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', callback);
  }

  /** Sends what waits until the libp2p stream is full; goes on at its next drain. */
  #transmit(): void {
    const job = this.#waiting;
    if (job === undefined) return;
    try {
      while (job.offset < job.data.length) {
        if (this.#stream.writableNeedsDrain) return;
        const slice = job.data.subarray(job.offset, job.offset + SEND_BYTES);
        job.offset += slice.length;
        this.#stream.send(slice);
      }
      if (this.#stream.writableNeedsDrain) return;
    } catch (error) {
      this.#waiting = undefined;
      job.callback(error instanceof Error ? error : connectionClosed(error));
      return;
    }
    this.#waiting = undefined;
    if (job.data.length < COALESCE_BELOW_BYTES) process.nextTick(job.callback);
    else job.callback();
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#finalizing = true;
    this.#stream.close().then(
      () => callback(),
      (error: unknown) => callback(error instanceof Error ? error : connectionClosed(error)),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#memory?.release();
    // Does nothing to a stream that is closed on both sides.
    this.#stream.abort(error ?? new Error('stream destroyed'));
    waiting?.callback(error ?? new Error('stream destroyed'));
    callback(error);
  }
}

function connectionClosed(cause?: unknown): Error {
  return new Error('connection closed', cause === undefined ? undefined : { cause });
}

function ignoreUnheard(): void {}
