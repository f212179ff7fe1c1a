import { findEmptyAuthority } from './hpack-authority.js';
import {
  DEFAULT_MAX_FRAME_BYTES,
  FRAME_HEADER_BYTES,
  FrameFlag,
  FrameType,
  frameLength,
  frameStream,
  writeFrameHeader,
} from './http2-frames.js';

/**
 * The frames of one complete header block (a HEADERS frame and its CONTINUATION frames, nothing else) with an empty
 * `:authority` made `-`; undefined when there is nothing to change. Padding, priority and END_STREAM stay. What no
 * longer fits in frames of 16,384 bytes moves on into CONTINUATION.
 */
export function rewriteHeaderBlock(frames: Uint8Array): Uint8Array | undefined {
  const layout = readLayout(frames);
  if (layout === undefined) return undefined;
  const fix = findEmptyAuthority(layout.fragment);
  if (fix === undefined) return undefined;
  const { fragment } = layout;
  return writeFrames(frames, layout, [
    fragment.subarray(0, fix.at),
    fix.replacement,
    fragment.subarray(fix.at + 1),
  ]);
}

interface Layout {
  /** Pad length and priority fields. */
  readonly prefix: Uint8Array;
  readonly padding: Uint8Array;
  /** The whole HPACK block. */
  readonly fragment: Uint8Array;
}

function readLayout(frames: Uint8Array): Layout | undefined {
  const flags = frames[4] as number;
  const end = FRAME_HEADER_BYTES + frameLength(frames, 0);
  const padded = (flags & FrameFlag.PADDED) !== 0;
  const prefixBytes = (padded ? 1 : 0) + ((flags & FrameFlag.PRIORITY) !== 0 ? 5 : 0);
  const fragmentAt = FRAME_HEADER_BYTES + prefixBytes;
  const paddingBytes = padded && end > FRAME_HEADER_BYTES ? (frames[FRAME_HEADER_BYTES] as number) : 0;
  const fragmentEnd = end - paddingBytes;
  if (fragmentEnd < fragmentAt) return undefined;
  const first = frames.subarray(fragmentAt, fragmentEnd);
  return {
    prefix: frames.subarray(FRAME_HEADER_BYTES, fragmentAt),
    padding: frames.subarray(fragmentEnd, end),
    fragment: end === frames.length ? first : Buffer.concat([first, ...continuations(frames, end)]),
  };
}

function* continuations(frames: Uint8Array, from: number): Generator<Uint8Array> {
  let at = from;
  while (at < frames.length) {
    const end = at + FRAME_HEADER_BYTES + frameLength(frames, at);
    yield frames.subarray(at + FRAME_HEADER_BYTES, end);
    at = end;
  }
}

function writeFrames(original: Uint8Array, layout: Layout, parts: readonly Uint8Array[]): Uint8Array {
  const { prefix, padding } = layout;
  const block = Buffer.concat(parts);
  const stream = frameStream(original, 0);
  const firstBytes = Math.min(block.length, DEFAULT_MAX_FRAME_BYTES - prefix.length - padding.length);
  const moreFrames = Math.ceil((block.length - firstBytes) / DEFAULT_MAX_FRAME_BYTES);
  const out = Buffer.allocUnsafe(
    FRAME_HEADER_BYTES * (1 + moreFrames) + prefix.length + block.length + padding.length,
  );

  const flags = (original[4] as number) & ~FrameFlag.END_HEADERS;
  writeFrameHeader(out, 0, {
    length: prefix.length + firstBytes + padding.length,
    type: FrameType.HEADERS,
    flags: moreFrames === 0 ? flags | FrameFlag.END_HEADERS : flags,
    stream,
  });
  let at = FRAME_HEADER_BYTES;
  for (const part of [prefix, block.subarray(0, firstBytes), padding]) {
    out.set(part, at);
    at += part.length;
  }
  for (let from = firstBytes; from < block.length; from += DEFAULT_MAX_FRAME_BYTES) {
    const part = block.subarray(from, from + DEFAULT_MAX_FRAME_BYTES);
    const isLast = from + part.length === block.length;
    const continuation = { length: part.length, type: FrameType.CONTINUATION, stream };
    writeFrameHeader(out, at, { ...continuation, flags: isLast ? FrameFlag.END_HEADERS : 0 });
    out.set(part, at + FRAME_HEADER_BYTES);
    at += FRAME_HEADER_BYTES + part.length;
  }
  return out;
}
