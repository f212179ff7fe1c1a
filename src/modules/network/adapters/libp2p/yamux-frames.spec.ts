import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { YamuxAbuse, YamuxFrames } from './yamux-frames.js';

const [DATA, WINDOW_UPDATE, PING] = [0, 1, 2];
const SYN = 1;
const WINDOW = 256 * 1024;

function frame(type: number, flags: number, id: number, length: number, body = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(12);
  header[1] = type;
  header.writeUInt16BE(flags, 2);
  header.writeUInt32BE(id, 4);
  header.writeUInt32BE(length, 8);
  return Buffer.concat([header, body]);
}
const data = (id: number, size: number, flags = 0) => frame(DATA, flags, id, size, Buffer.alloc(size, id));

/** Streams 1 to 9 are there, with full windows. */
function framesOf({ pings = 3, openings = 3 } = {}) {
  const left = { pings, openings };
  return new YamuxFrames({
    windowOf: (id) => (id >= 1 && id <= 9 ? WINDOW : undefined),
    mayPing: () => left.pings-- > 0,
    mayOpen: () => left.openings-- > 0,
  });
}
/** Copies each piece at once, as the muxer takes it. */
const passed = (frames: YamuxFrames, chunk: Buffer) =>
  [...frames.take(chunk)].map((piece) => Buffer.from(piece));

describe(YamuxFrames, () => {
  it('changes nothing of what is in order, however it is cut', () => {
    const bytes = Buffer.concat([
      frame(WINDOW_UPDATE, SYN, 10, 0),
      data(1, 5_000),
      frame(PING, SYN, 0, 7),
      data(2, 0),
      data(11, 100, SYN),
      frame(3, 0, 0, 0),
      data(3, 40_000),
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6_000 }), { minLength: 1, maxLength: 30 }), (cuts) => {
        const frames = framesOf();
        const pieces: Buffer[] = [];
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const size = cuts[n % cuts.length] ?? 1;
          pieces.push(...passed(frames, bytes.subarray(at, at + size)));
          at += size;
        }
        expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('holds no frame back that is complete', () => {
    const frames = framesOf();
    const whole = data(1, 10);
    const first = passed(frames, whole.subarray(0, 15));
    expect(Buffer.concat([...first, ...passed(frames, whole.subarray(15))])).toEqual(whole);
  });

  it('passes a frame that comes byte by byte in few pieces', () => {
    const frames = framesOf();
    const whole = data(1, 200_000);
    let pieces = 0;
    for (const byte of whole) pieces += passed(frames, Buffer.of(byte)).length;
    expect(pieces).toBeLessThan(20);
  });

  it('drops data of streams that are not there, and goes on with the next frame', () => {
    const frames = framesOf();
    const after = frame(PING, 0, 0, 7);
    const bytes = Buffer.concat([data(100, 300_000), after]);
    expect(passed(frames, bytes.subarray(0, 200_000))).toEqual([]);
    expect(passed(frames, bytes.subarray(200_000))).toEqual([after]);
  });

  it.each([
    ['more than the window of its stream', frame(DATA, 0, 1, WINDOW + 1)],
    ['more than the first window of a new stream', frame(DATA, SYN, 11, WINDOW + 1)],
    ['4 GiB', frame(DATA, 0, 1, 0xffff_ffff)],
    ['too many pings', Buffer.concat([1, 2, 3, 4].map((n) => frame(PING, SYN, 0, n)))],
    ['too many streams', Buffer.concat([11, 13, 15, 17].map((id) => frame(WINDOW_UPDATE, SYN, id, 0)))],
    ['too many streams with data', Buffer.concat([11, 13, 15, 17].map((id) => data(id, 1, SYN)))],
  ])('refuses %s', (_name, bytes) => {
    expect(() => passed(framesOf(), bytes)).toThrow(YamuxAbuse);
  });

  it('counts neither answers to pings nor what concerns streams that are there', () => {
    const frames = framesOf({ pings: 0, openings: 0 });
    const bytes = Buffer.concat([frame(PING, 2, 0, 1), frame(WINDOW_UPDATE, SYN, 1, 5), data(1, 1, SYN)]);
    expect(Buffer.concat(passed(frames, bytes))).toEqual(bytes);
  });
});
