import type { Stream } from '@libp2p/interface';
import { errorText } from '../../../../common/app-error.js';
import { FrameAssembler } from './frame-assembler.js';

/** What is needed of a libp2p stream to read it. */
export type FrameSource = Pick<
  Stream,
  'addEventListener' | 'pause' | 'resume' | 'close' | 'abort' | 'readStatus' | 'readBufferLength'
>;

interface ReadFramesOptions {
  readonly maxFrameBytes: number;
  /** Called for one frame at a time; the next waits, and the peer with it. The bytes are good until it resolves. */
  readonly onFrame: (frame: Uint8Array) => Promise<void>;
  /** What ended the reading: a {@link BadFrame}, or what `onFrame` rejected with. The stream is reset. */
  readonly onFault: (fault: unknown) => void;
}

/**
 * Reads a stream frame by frame with backpressure. The stream's own iterator keeps all that comes while a frame is
 * handled, without a limit.
 */
export function readFrames(
  stream: FrameSource,
  { maxFrameBytes, onFrame, onFault }: ReadFramesOptions,
): void {
  const frames = new FrameAssembler(maxFrameBytes);
  let waiting: Uint8Array[] = [];
  let isBusy = false;
  let isResuming = false;
  let hasEnded = false;
  let isRemoteDone = false;

  const work = async () => {
    isBusy = true;
    try {
      for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
        for (const frame of frames.take(chunk)) {
          await onFrame(frame);
          if (hasEnded) return;
        }
      }
    } catch (fault) {
      hasEnded = true;
      stream.abort(new Error('bad frame'));
      onFault(fault);
    } finally {
      isBusy = false;
    }
    readOn();
  };

  const readOn = () => {
    if (hasEnded) return;
    if (stream.readStatus === 'paused') {
      resume();
    }
    if (hasEnded) return;
    if (isBusy) pause();
    else if (isRemoteDone) closeWhenRead();
  };

  // It tells the peer to go on, which throws when the connection under the stream is closing.
  const resume = () => {
    isResuming = true;
    try {
      stream.resume();
    } catch (error) {
      hasEnded = true;
      stream.abort(error instanceof Error ? error : new Error(errorText(error)));
    } finally {
      isResuming = false;
    }
  };

  // A pause inside resume() would be undone by the rest of resume().
  const pause = () => {
    if (!isResuming && waiting.length > 0 && stream.readStatus === 'readable') stream.pause();
  };

  // The end may be announced before the last bytes.
  const closeWhenRead = () => {
    setImmediate(() => {
      if (hasEnded || isBusy || stream.readBufferLength > 0) return;
      stream.close().catch((error: Error) => stream.abort(error));
    });
  };

  stream.addEventListener('message', ({ data }) => {
    if (hasEnded) return;
    waiting.push(data instanceof Uint8Array ? data : data.subarray());
    if (isBusy) pause();
    else void work();
  });
  stream.addEventListener('close', () => {
    hasEnded = true;
    waiting = [];
  });
  stream.addEventListener('remoteCloseWrite', () => {
    isRemoteDone = true;
    closeWhenRead();
  });
}
