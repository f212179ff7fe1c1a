import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cut, Flags, type FrameName, frame, parseFrames } from '../../../../test/support/http2-bytes.js';
import { DataMerge } from './data-merge.js';

const ACK = frame('settings', 0, Buffer.alloc(0), Flags.ACK);

function merged(maxFrameBytes: number, pieces: readonly Uint8Array[]): Buffer[] {
  const filter = new DataMerge(maxFrameBytes);
  const out: Uint8Array[] = [];
  for (const piece of pieces) filter.push(piece, (bytes) => out.push(bytes));
  return out as Buffer[];
}

const shape = (bytes: Buffer) =>
  parseFrames(bytes).map(({ type, stream, flags, payload }) => [type, stream, flags, payload.length]);

const data = (stream: number, length: number, flags = 0) =>
  frame('data', stream, Buffer.alloc(length, length), flags);

describe('DataMerge', () => {
  it('joins neighbouring DATA frames of a stream', () => {
    const out = Buffer.concat(
      merged(100_000, [Buffer.concat([ACK, data(1, 10), data(1, 20), data(1, 0), data(3, 5), data(3, 6)])]),
    );
    expect(shape(out)).toEqual([
      ['settings', 0, Flags.ACK, 0],
      ['data', 1, 0, 30],
      ['data', 3, 0, 11],
    ]);
  });

  it.each([
    { name: 'END_STREAM', frames: [data(1, 10), data(1, 20, Flags.END_STREAM)] },
    { name: 'padding', frames: [data(1, 10), data(1, 20, Flags.PADDED), data(1, 30)] },
    { name: 'another frame between', frames: [data(1, 10), frame('ping', 0, Buffer.alloc(8)), data(1, 30)] },
    { name: 'another stream', frames: [data(1, 10), data(3, 10), data(1, 30)] },
  ])('leaves alone: $name', ({ frames }) => {
    const chunk = Buffer.concat([ACK, ...frames]);
    const out = merged(100_000, [chunk]);
    expect(out).toHaveLength(1);
    expect(out[0]).toBe(chunk);
  });

  it('keeps to 16,384 bytes until the server acknowledged our SETTINGS, then to what they allow', () => {
    const frames = [data(1, 10_000), data(1, 6_384), data(1, 1), data(1, 20_000)];
    expect(shape(Buffer.concat(merged(30_000, [Buffer.concat(frames.slice(0, 3))])))).toEqual([
      ['data', 1, 0, 16_384],
      ['data', 1, 0, 1],
    ]);
    expect(shape(Buffer.concat(merged(30_000, [ACK, Buffer.concat(frames)])))).toEqual([
      ['settings', 0, Flags.ACK, 0],
      ['data', 1, 0, 16_385],
      ['data', 1, 0, 20_000],
    ]);
  });

  it('passes what the end of a chunk cuts', () => {
    const bytes = Buffer.concat([ACK, data(1, 10), data(1, 20), data(1, 30)]);
    for (let at = 0; at <= bytes.length; at += 1) {
      const out = Buffer.concat(merged(100_000, [bytes.subarray(0, at), bytes.subarray(at)]));
      const payloads = parseFrames(out).map(({ payload }) => payload);
      expect(Buffer.concat(payloads)).toEqual(
        Buffer.concat(parseFrames(bytes).map(({ payload }) => payload)),
      );
    }
  });

  it('keeps payloads, order and all other frames of any stream, however it is cut', () => {
    const names: FrameName[] = [
      'data',
      'data',
      'data',
      'data',
      'headers',
      'ping',
      'windowUpdate',
      'settings',
    ];
    const part = fc
      .record({
        name: fc.constantFrom(...names),
        stream: fc.constantFrom(1, 3),
        payload: fc.uint8Array({ maxLength: 60 }),
        flags: fc.constantFrom(0, 0, 0, Flags.END_STREAM),
      })
      .map(({ name, stream, payload, flags }) => frame(name, stream, payload, flags));
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), sizes, (parts, steps) => {
        const bytes = Buffer.concat(parts);
        const out = Buffer.concat(merged(100, cut(bytes, steps)));
        expect(unmerged(out)).toEqual(unmerged(bytes));
        expect(parseFrames(out).length).toBeLessThanOrEqual(parts.length);
      }),
      { numRuns: 300 },
    );
  });
});

/** Frames with neighbouring plain DATA of a stream taken as one. */
function unmerged(bytes: Buffer): unknown[] {
  const out: { key: string; payload: string }[] = [];
  for (const { type, stream, flags, payload } of parseFrames(bytes)) {
    const key = `${type} ${stream} ${flags}`;
    const last = out.at(-1);
    if (type === 'data' && flags === 0 && last?.key === key) last.payload += payload.toString('hex');
    else out.push({ key, payload: payload.toString('hex') });
  }
  return out;
}
