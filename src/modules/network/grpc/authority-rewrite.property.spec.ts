import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY_AUTHORITIES } from '../../../../test/support/empty-authority.js';
import {
  cut,
  Flags,
  type FrameName,
  frame,
  OPENING,
  PREFACE,
  parseFrames,
  requestBlock,
} from '../../../../test/support/http2-bytes.js';
import { judge } from '../../../../test/support/http2-judge.js';
import { AuthorityRewrite } from './authority-rewrite.js';

function rewrite(pieces: readonly Uint8Array[]): Buffer[] {
  const filter = new AuthorityRewrite();
  const out: Uint8Array[] = [];
  for (const piece of pieces) filter.push(piece, (bytes) => out.push(bytes));
  return out as Buffer[];
}

const rewritten = (...pieces: Uint8Array[]) => Buffer.concat(rewrite(pieces));

const otherFrames: FrameName[] = ['data', 'priority', 'reset', 'settings', 'ping', 'goaway', 'windowUpdate'];
const otherFrame = fc
  .record({
    name: fc.constantFrom(...otherFrames),
    stream: fc.nat(9),
    payload: fc.uint8Array({ maxLength: 300 }),
    flags: fc.nat(255),
  })
  .map(({ name, stream, payload, flags }) => frame(name, stream, payload, flags));

/** A request's header block in one or more frames, with padding or without. */
const requestFrames = (authority: fc.Arbitrary<Buffer>) =>
  fc
    .record({
      authority,
      cuts: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
      pad: fc.option(fc.nat(40)),
    })
    .map(({ authority: bytes, cuts, pad }) => (stream: number) => {
      const block = requestBlock('/v1.X/Y', bytes);
      const pieces = cuts.length === 0 ? [block] : cut(block, [...cuts, block.length]);
      return Buffer.concat(
        pieces.map((piece, i) => {
          const end = i === pieces.length - 1 ? Flags.END_HEADERS : 0;
          if (i > 0) return frame('continuation', stream, piece, end);
          const body = pad === null ? piece : Buffer.concat([Buffer.from([pad]), piece, Buffer.alloc(pad)]);
          return frame('headers', stream, body, end | Flags.END_STREAM | (pad === null ? 0 : Flags.PADDED));
        }),
      );
    });

const authorityGiven = fc.constantFrom(
  Buffer.from([0x01, 0x01, 0x61]),
  Buffer.from([0x41, 0x02, 0x61, 0x62]),
  Buffer.from([0x11, 0x81, 0x1f]),
);
const authorityEmpty = fc.constantFrom(...EMPTY_AUTHORITIES.map(({ bytes }) => bytes));
const chunkSizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 });

describe('AuthorityRewrite, any stream', () => {
  it('is the identity where no authority is empty, however the bytes are cut', () => {
    const part = fc.oneof(
      otherFrame,
      requestFrames(authorityGiven).map((make) => make(1)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), chunkSizes, (parts, sizes) => {
        const stream = Buffer.concat([PREFACE, ...parts]);
        expect(rewritten(...cut(stream, sizes)).equals(stream)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on how the bytes are cut, and keeps every other frame', () => {
    const part = fc.oneof(
      otherFrame,
      requestFrames(fc.oneof(authorityEmpty, authorityGiven)).map((make) => make(1)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), chunkSizes, (parts, sizes) => {
        const stream = Buffer.concat([PREFACE, ...parts]);
        const whole = rewritten(stream);
        expect(rewritten(...cut(stream, sizes)).equals(whole)).toBe(true);
        const others = (bytes: Buffer) =>
          parseFrames(bytes.subarray(PREFACE.length)).filter(
            ({ type }) => type !== 'headers' && type !== 'continuation',
          );
        expect(others(whole)).toEqual(others(stream));
      }),
      { numRuns: 300 },
    );
  });

  it('makes requests that the engine accepts', async () => {
    const requests = fc.array(requestFrames(fc.oneof(authorityEmpty, authorityGiven)), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(requests, chunkSizes, async (makers, sizes) => {
        const stream = Buffer.concat([OPENING, ...makers.map((make, i) => make(2 * i + 1))]);
        const { headers, resets } = await judge(rewritten(...cut(stream, sizes)), makers.length);
        expect(resets).toEqual([]);
        expect(headers.map((one) => one[':authority'])).not.toContain('');
        expect(headers).toHaveLength(makers.length);
      }),
      { numRuns: 60 },
    );
  });

  it('takes any noise, but for a header block over the bound, and adds two bytes a frame at most', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), chunkSizes, (noise, sizes) => {
        const filter = new AuthorityRewrite();
        let emittedBytes = 0;
        try {
          for (const piece of cut(Buffer.concat([PREFACE, noise]), sizes)) {
            filter.push(piece, (bytes) => {
              emittedBytes += bytes.length;
            });
          }
        } catch (error) {
          expect(String(error)).toContain('header block');
        }
        expect(emittedBytes).toBeLessThanOrEqual(
          PREFACE.length + noise.length + 2 * Math.ceil(noise.length / 9),
        );
      }),
      { numRuns: 300 },
    );
  });
});
