/** Bytes before every HTTP/2 frame's payload (RFC 9113 section 4.1). */
export const FRAME_HEADER_BYTES = 9;

/** The client's connection preface before its first frame. */
export const PREFACE_BYTES = 24;

/** The payload every receiver must take. */
export const DEFAULT_MAX_FRAME_BYTES = 16_384;

export const FrameType = { DATA: 0x0, HEADERS: 0x1, SETTINGS: 0x4, GOAWAY: 0x7, CONTINUATION: 0x9 } as const;

export const FrameFlag = {
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** Payload length of the frame that begins at `at`. */
export function frameLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
}

/** Stream identifier of the frame that begins at `at`, without the reserved bit. */
export function frameStream(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at + 5] as number) & 0x7f) << 24) |
    ((bytes[at + 6] as number) << 16) |
    ((bytes[at + 7] as number) << 8) |
    (bytes[at + 8] as number)
  );
}

export function writeFrameHeader(
  target: Uint8Array,
  at: number,
  frame: { length: number; type: number; flags: number; stream: number },
): void {
  target[at] = frame.length >>> 16;
  target[at + 1] = frame.length >>> 8;
  target[at + 2] = frame.length;
  target[at + 3] = frame.type;
  target[at + 4] = frame.flags;
  target[at + 5] = frame.stream >>> 24;
  target[at + 6] = frame.stream >>> 16;
  target[at + 7] = frame.stream >>> 8;
  target[at + 8] = frame.stream;
}
