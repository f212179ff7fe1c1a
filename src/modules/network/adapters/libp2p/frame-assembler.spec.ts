import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { framed } from '../../../../../test/support/gossip-attacker.js';
import { BadFrame, FrameAssembler } from './frame-assembler.js';

const MAX_BYTES = 100_000;

function framesOf(chunks: Uint8Array[], frames = new FrameAssembler(MAX_BYTES)): Buffer[] {
  return chunks.flatMap((chunk) => Array.from(frames.take(chunk), (frame) => Buffer.from(frame)));
}

/** The bytes in pieces that end where `cuts` say. */
function inPieces(bytes: Buffer, cuts: number[]): Buffer[] {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function faultOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof BadFrame) return error.fault;
    throw error;
  }
  return undefined;
}

describe(FrameAssembler.name, () => {
  it('puts frames together however they are cut', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ size: 'max', maxLength: 20_000 }),
    );
    fc.assert(
      fc.property(fc.array(body, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 }), (bodies, cuts) => {
        const expected = bodies.map((bytes) => Buffer.from(bytes));
        const all = Buffer.concat(expected.map((bytes) => framed(bytes)));
        const got = framesOf(inPieces(all, cuts));
        expect(got.map((bytes) => bytes.toString('hex'))).toEqual(
          expected.map((bytes) => bytes.toString('hex')),
        );
      }),
    );
  });

  it('puts together what comes byte by byte', () => {
    const body = Buffer.alloc(50_000, 7);
    const bytes = Array.from(framed(body), (byte) => Uint8Array.of(byte));
    expect(framesOf(bytes).map((frame) => body.equals(frame))).toEqual([true]);
  });

  it('holds nothing for what was announced and did not come', () => {
    const before = process.memoryUsage().arrayBuffers;
    const assemblers = Array.from({ length: 1_000 }, () => new FrameAssembler(64 * 1024 * 1024));
    for (const frames of assemblers)
      framesOf([framed(Buffer.alloc(0), 60 * 1024 * 1024), Buffer.of(1)], frames);
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(grown).toBeLessThan(assemblers.length * 32 * 1024);
  });

  it.each([
    { name: 'a frame over the limit', bytes: framed(Buffer.alloc(0), MAX_BYTES + 1), fault: 'too-large' },
    { name: 'a huge length', bytes: Buffer.from('ffffffffffffffffff01', 'hex'), fault: 'too-large' },
    { name: 'a length that does not end', bytes: Buffer.from('808080808000', 'hex'), fault: 'undecodable' },
  ])('refuses $name', ({ bytes, fault }) => {
    expect(faultOf(() => framesOf([bytes]))).toBe(fault);
  });

  it('takes a frame of exactly the limit, and empty ones', () => {
    const frames = framesOf([
      framed(Buffer.alloc(MAX_BYTES)),
      framed(Buffer.alloc(0)),
      framed(Buffer.alloc(0)),
    ]);
    expect(frames.map(({ length }) => length)).toEqual([MAX_BYTES, 0, 0]);
  });
});
