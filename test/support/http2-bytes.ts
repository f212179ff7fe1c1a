/** Frames of HTTP/2 (RFC 9113), made by hand for tests of what reads them. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export const Flags = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

const Types = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
};

export type FrameName = keyof typeof Types;

export function frame(
  name: FrameName,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
  flags = 0,
): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = Types[name];
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** Preface and empty SETTINGS, as a Go client begins. */
export const OPENING = Buffer.concat([PREFACE, frame('settings', 0)]);

/** A literal without indexing whose name and value are spelled out, shorter than 127 bytes each. */
export function field(name: string, value: string): Buffer {
  const string = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
  return Buffer.concat([Buffer.from([0]), string(name), string(value)]);
}

/** The header block of a gRPC request, with whatever stands for `:authority`. */
export function requestBlock(path: string, authority: Uint8Array = Buffer.from([0x81])): Buffer {
  return Buffer.concat([
    Buffer.from([0x83, 0x86]), // :method POST, :scheme http
    field(':path', path),
    authority,
    field('content-type', 'application/grpc'),
    field('te', 'trailers'),
  ]);
}

/** One gRPC message with its five bytes before it. */
export function message(payload: Uint8Array, flag = 0): Buffer {
  const header = Buffer.alloc(5);
  header[0] = flag;
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

export interface ParsedFrame {
  readonly type: FrameName | undefined;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The complete frames in some bytes (no preface). */
export function parseFrames(bytes: Buffer): ParsedFrame[] {
  const names = Object.keys(Types) as FrameName[];
  const frames: ParsedFrame[] = [];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: names.find((name) => Types[name] === bytes[at + 3]),
      flags: bytes[at + 4] ?? 0,
      stream: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return frames;
}

/** Cuts bytes into pieces of the given sizes, over and over; sizes of 0 are skipped. */
export function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const steps = sizes.filter((size) => size > 0);
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = steps[i % steps.length] ?? bytes.length;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
