import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, performServerHandshake } from 'node:http2';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  cut,
  Flags,
  type FrameName,
  frame,
  message,
  OPENING,
  PREFACE,
  parseFrames,
  requestBlock,
} from '../../../../test/support/http2-bytes.js';
import { AuthorityRewrite, MAX_HEADER_BLOCK_BYTES } from './authority-rewrite.js';

interface RecordedStream {
  protocol: string;
  call: string;
  chunks: string[];
}

const recorded: RecordedStream[] = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/wire/client-streams.json', import.meta.url), 'utf8'),
);

function rewrite(pieces: readonly Uint8Array[]): Buffer[] {
  const filter = new AuthorityRewrite();
  const out: Uint8Array[] = [];
  for (const piece of pieces) filter.push(piece, (bytes) => out.push(bytes));
  return out as Buffer[];
}

const rewritten = (...pieces: Uint8Array[]) => Buffer.concat(rewrite(pieces));

/** What Node's own HTTP/2 makes of a client's bytes: the headers of accepted requests and the codes of refused ones. */
async function judge(
  bytes: Buffer,
  requests: number,
): Promise<{ headers: IncomingHttpHeaders[]; resets: number[] }> {
  const [near, far] = duplexPair();
  const session = performServerHandshake(far);
  const headers: IncomingHttpHeaders[] = [];
  const seen: Buffer[] = [];
  const sentResets = () =>
    parseFrames(Buffer.concat(seen))
      .filter(({ type }) => type === 'reset')
      .map(({ payload }) => payload.readUInt32BE(0));
  await new Promise<void>((resolve) => {
    const check = () => {
      if (headers.length + sentResets().length >= requests) resolve();
    };
    session.on('error', () => resolve());
    session.on('stream', (stream, received) => {
      stream.on('error', () => {});
      headers.push(received);
      check();
    });
    near.on('data', (chunk: Buffer) => {
      seen.push(chunk);
      check();
    });
    near.write(bytes);
  });
  session.destroy();
  near.destroy();
  return { headers, resets: sentResets() };
}

const headersFrame = (
  stream: number,
  block: Uint8Array,
  flags: number = Flags.END_HEADERS | Flags.END_STREAM,
) => frame('headers', stream, block, flags);

const NAME = Buffer.from(':authority', 'latin1');
const HUFFMAN_NAME = Buffer.from('b83b5339ec327d7f', 'hex');
const literalName = (first: number, length: number, name: Buffer, valueLength: number) =>
  Buffer.concat([Buffer.from([first, length]), name, Buffer.from([valueLength])]);

const spellings = [
  { name: 'indexed', bytes: Buffer.from([0x81]), expected: '01012d' },
  { name: 'literal with indexing', bytes: Buffer.from([0x41, 0x00]), expected: '41012d' },
  { name: 'literal without indexing', bytes: Buffer.from([0x01, 0x00]), expected: '01012d' },
  { name: 'literal never indexed', bytes: Buffer.from([0x11, 0x00]), expected: '11012d' },
  { name: 'Huffman-coded value', bytes: Buffer.from([0x01, 0x80]), expected: '01012d' },
  {
    name: 'name spelled out',
    bytes: literalName(0x00, 10, NAME, 0),
    expected: `000a${NAME.toString('hex')}012d`,
  },
  {
    name: 'name spelled out, with indexing, Huffman-coded value',
    bytes: literalName(0x40, 10, NAME, 0x80),
    expected: `400a${NAME.toString('hex')}012d`,
  },
  {
    name: 'Huffman-coded name',
    bytes: literalName(0x10, 0x88, HUFFMAN_NAME, 0),
    expected: `1088${HUFFMAN_NAME.toString('hex')}012d`,
  },
];

describe('AuthorityRewrite', () => {
  describe.each(spellings)('$name', ({ bytes, expected }) => {
    const block = requestBlock('/v1.SyncPeer/GetStatus', bytes);
    const fixed = requestBlock('/v1.SyncPeer/GetStatus', Buffer.from(expected, 'hex'));
    const stream = Buffer.concat([OPENING, headersFrame(1, block)]);

    it('is refused by the engine as it is', async () => {
      expect(await judge(stream, 1)).toEqual({ headers: [], resets: [1] });
    });

    it('becomes "-" and nothing else changes', () => {
      expect(rewritten(stream)).toEqual(Buffer.concat([OPENING, headersFrame(1, fixed)]));
    });

    it('is accepted by the engine once rewritten', async () => {
      const { headers, resets } = await judge(rewritten(stream), 1);
      expect(resets).toEqual([]);
      expect(headers[0]).toMatchObject({
        ':authority': '-',
        ':path': '/v1.SyncPeer/GetStatus',
        te: 'trailers',
      });
    });
  });

  it.each(recorded)(
    'makes the recorded $call of a Go node acceptable, however it is cut',
    async ({ chunks }) => {
      const bytes = Buffer.from(chunks.join(''), 'hex');
      const requests = parseFrames(bytes.subarray(PREFACE.length)).filter(
        ({ type }) => type === 'headers',
      ).length;
      expect((await judge(bytes, requests)).headers).toEqual([]);
      const whole = rewritten(bytes);
      const { headers, resets } = await judge(whole, requests);
      expect(resets).toEqual([]);
      expect(headers).toHaveLength(requests);
      expect(
        headers.every((one) => one[':authority'] === '-' && one['content-type'] === 'application/grpc'),
      ).toBe(true);
      expect(rewritten(...chunks.map((hex) => Buffer.from(hex, 'hex')))).toEqual(whole);
      expect(rewritten(...cut(bytes, [1]))).toEqual(whole);
    },
  );

  it('keeps the dynamic table in step: later references mean what the client means', async () => {
    const indexed = Buffer.concat([Buffer.from([0x41, 0x00]), Buffer.from('4003782d610131', 'hex')]);
    const first = requestBlock('/a', indexed);
    // 62 is the newest entry, x-a: 1; 63 the empty authority.
    const second = requestBlock('/b', Buffer.from([0xbf, 0xbe]));
    const { headers } = await judge(
      rewritten(Buffer.concat([OPENING, headersFrame(1, first), headersFrame(3, second)])),
      2,
    );
    expect(headers).toMatchObject([
      { ':path': '/a', ':authority': '-', 'x-a': '1' },
      { ':path': '/b', ':authority': '-', 'x-a': '1' },
    ]);
  });

  it('minds padding and priority fields', async () => {
    const block = requestBlock('/p');
    const priority = Buffer.from([0, 0, 0, 0, 9]);
    const padding = Buffer.alloc(7);
    const padded = Buffer.concat([Buffer.from([7]), priority, block, padding]);
    const flags = Flags.END_HEADERS | Flags.END_STREAM | Flags.PADDED | Flags.PRIORITY;
    const out = rewritten(Buffer.concat([OPENING, frame('headers', 1, padded, flags)]));
    const fixed = requestBlock('/p', Buffer.from('01012d', 'hex'));
    const expected = Buffer.concat([Buffer.from([7]), priority, fixed, padding]);
    expect(out).toEqual(Buffer.concat([OPENING, frame('headers', 1, expected, flags)]));
    expect((await judge(out, 1)).headers).toMatchObject([{ ':authority': '-' }]);
  });

  it('finds a field that CONTINUATION frames cut', async () => {
    const block = requestBlock('/c', Buffer.from([0x41, 0x00]));
    const at = block.indexOf(Buffer.from([0x41, 0x00])) + 1;
    const stream = Buffer.concat([
      OPENING,
      frame('headers', 1, block.subarray(0, at), Flags.END_STREAM),
      frame('continuation', 1),
      frame('continuation', 1, block.subarray(at), Flags.END_HEADERS),
    ]);
    const out = rewritten(...cut(stream, [5, 1]));
    expect((await judge(out, 1)).headers).toMatchObject([{ ':authority': '-', ':path': '/c' }]);
  });

  it('moves what no longer fits into CONTINUATION', async () => {
    const filler = (length: number) =>
      Buffer.concat([Buffer.from('0003782d617f', 'hex'), varint(length - 127), Buffer.alloc(length, 0x61)]);
    const short = requestBlock('/l').length + filler(16_000).length;
    const block = Buffer.concat([requestBlock('/l'), filler(16_000 + 16_384 - short)]);
    expect(block).toHaveLength(16_384);
    const out = rewritten(Buffer.concat([OPENING, headersFrame(1, block), frame('data', 1)]));
    const [, headers, continuation, data] = parseFrames(out.subarray(PREFACE.length));
    expect(headers).toMatchObject({ type: 'headers', flags: Flags.END_STREAM, stream: 1 });
    expect(headers?.payload).toHaveLength(16_384);
    expect(continuation).toMatchObject({ type: 'continuation', flags: Flags.END_HEADERS, stream: 1 });
    expect(continuation?.payload).toHaveLength(2);
    expect(data?.type).toBe('data');
    expect((await judge(out, 1)).headers).toMatchObject([{ ':authority': '-', ':path': '/l' }]);
  });

  it('passes all other frames on by reference', () => {
    const data = Buffer.concat([
      frame('data', 1, message(Buffer.alloc(5_000))),
      frame('ping', 0, Buffer.alloc(8)),
    ]);
    const filter = new AuthorityRewrite();
    const out: Uint8Array[] = [];
    for (const piece of [OPENING, data, data]) filter.push(piece, (bytes) => out.push(bytes));
    expect(out).toHaveLength(3);
    expect(out[1]).toBe(data);
    expect(out[2]).toBe(data);
  });

  it('leaves a second empty authority in one block to the engine', async () => {
    const out = rewritten(OPENING, headersFrame(1, requestBlock('/d', Buffer.from([0x81, 0x81]))));
    expect(out.length).toBe(
      OPENING.length + headersFrame(1, requestBlock('/d', Buffer.from([0x81, 0x81]))).length + 2,
    );
    expect((await judge(out, 1)).resets).toEqual([1]);
  });

  it.each([
    { name: 'cut integer', block: '7f80' },
    { name: 'absurd integer', block: 'ff8080808080808080' },
    { name: 'cut string', block: '0105aa' },
    { name: 'cut name', block: '0005aa' },
    { name: 'cut table size', block: '3fff' },
    { name: 'empty', block: '' },
  ])('passes a malformed block on: $name', ({ block }) => {
    const stream = Buffer.concat([OPENING, headersFrame(1, Buffer.from(block, 'hex'))]);
    expect(rewritten(stream)).toEqual(stream);
  });

  it('passes a table size update over', () => {
    const block = requestBlock('/t');
    const update = Buffer.from([0x3f, 0xe1, 0x1f]);
    const out = rewritten(OPENING, headersFrame(1, Buffer.concat([update, block])));
    const fixed = Buffer.concat([update, requestBlock('/t', Buffer.from('01012d', 'hex'))]);
    expect(out).toEqual(Buffer.concat([OPENING, headersFrame(1, fixed)]));
  });

  it('passes padding longer than the frame on', () => {
    const stream = Buffer.concat([
      OPENING,
      frame('headers', 1, Buffer.from([200, 0x81]), Flags.PADDED | Flags.END_HEADERS),
      frame('headers', 3, Buffer.alloc(0), Flags.PADDED | Flags.END_HEADERS),
    ]);
    expect(rewritten(stream)).toEqual(stream);
  });

  it.each([
    { name: 'another type', next: frame('data', 1) },
    { name: 'another stream', next: frame('continuation', 3, Buffer.alloc(0), Flags.END_HEADERS) },
  ])('passes everything on once a header block is broken off by $name', ({ next }) => {
    const stream = Buffer.concat([
      OPENING,
      frame('headers', 1, requestBlock('/x')),
      next,
      headersFrame(5, requestBlock('/y')),
    ]);
    expect(rewritten(stream)).toEqual(stream);
    expect(rewritten(...cut(stream, [1]))).toEqual(stream);
  });

  it('refuses a header block over its bound, and holds no more than that', () => {
    const filter = new AuthorityRewrite();
    const pieces = [OPENING, frame('headers', 1, Buffer.alloc(16_000))];
    for (let i = 0; i < 3; i += 1) pieces.push(frame('continuation', 1, Buffer.alloc(16_000)));
    for (const piece of pieces) filter.push(piece, () => {});
    const last = frame(
      'continuation',
      1,
      Buffer.alloc(MAX_HEADER_BLOCK_BYTES - 4 * 16_009 - 9),
      Flags.END_HEADERS,
    );
    expect(() =>
      filter.push(frame('continuation', 1, Buffer.alloc(16_000)).subarray(0, 9), () => {}),
    ).toThrow(/header block/);
    const fitting = new AuthorityRewrite();
    for (const piece of pieces) fitting.push(piece, () => {});
    expect(() => fitting.push(last, () => {})).not.toThrow();
  });

  it('refuses an endless row of empty CONTINUATION frames', () => {
    const filter = new AuthorityRewrite();
    filter.push(Buffer.concat([OPENING, frame('headers', 1)]), () => {});
    const empty = frame('continuation', 1);
    expect(() => {
      for (let i = 0; i < 8_000; i += 1) filter.push(empty, () => {});
    }).toThrow(/header block/);
  });

  it('counts frames and tells held blocks apart', () => {
    const filter = new AuthorityRewrite();
    filter.push(
      Buffer.concat([OPENING, frame('ping', 0, Buffer.alloc(8)), headersFrame(1, requestBlock('/n'))]),
      () => {},
    );
    expect(filter.takeFrameCount()).toBe(3);
    expect(filter.takeFrameCount()).toBe(0);
    expect(filter.heldId).toBe(0);
    filter.push(frame('headers', 3).subarray(0, 4), () => {});
    const { heldId } = filter;
    expect(heldId).toBeGreaterThan(0);
    filter.push(frame('headers', 3).subarray(4), () => {});
    expect(filter.heldId).toBe(heldId);
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return Buffer.from([...bytes, left]);
}

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
const authorityEmpty = fc.constantFrom(...spellings.map(({ bytes }) => bytes));
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
