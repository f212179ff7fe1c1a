import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { EMPTY_AUTHORITIES } from '../../../../test/support/empty-authority.js';
import {
  cut,
  Flags,
  frame,
  message,
  OPENING,
  PREFACE,
  parseFrames,
  requestBlock,
} from '../../../../test/support/http2-bytes.js';
import { judge } from '../../../../test/support/http2-judge.js';
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

const headersFrame = (
  stream: number,
  block: Uint8Array,
  flags: number = Flags.END_HEADERS | Flags.END_STREAM,
) => frame('headers', stream, block, flags);

describe('AuthorityRewrite', () => {
  describe.each(EMPTY_AUTHORITIES)('$name', ({ bytes, expected }) => {
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

  it('cuts a block of many frames anew', () => {
    const filler = Buffer.concat([
      Buffer.from('0003782d617f', 'hex'),
      varint(39_873),
      Buffer.alloc(40_000, 0x61),
    ]);
    const block = Buffer.concat([requestBlock('/m'), filler]);
    const pieces = cut(block, [16_000]);
    const stream = pieces.map((piece, i) =>
      frame(i === 0 ? 'headers' : 'continuation', 1, piece, i === pieces.length - 1 ? Flags.END_HEADERS : 0),
    );
    const frames = parseFrames(rewritten(OPENING, ...stream).subarray(OPENING.length));
    expect(frames.map(({ type, flags }) => [type, flags])).toEqual([
      ['headers', 0],
      ['continuation', 0],
      ['continuation', Flags.END_HEADERS],
    ]);
    const fixed = Buffer.concat([requestBlock('/m', Buffer.from('01012d', 'hex')), filler]);
    expect(Buffer.concat(frames.map(({ payload }) => payload)).equals(fixed)).toBe(true);
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
