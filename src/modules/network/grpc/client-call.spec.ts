import { afterEach, describe, expect, it } from '@jest/globals';
import { Cleanups } from '../../../../test/support/cleanups.js';
import { Flags, field, frame, message } from '../../../../test/support/http2-bytes.js';
import {
  codeOf,
  collect,
  data,
  failure,
  RESPONSE,
  rawServer,
  responseHeaders,
  SETTINGS,
  trailers,
} from '../../../../test/support/rpc-client-rig.js';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

describe('ClientCall, with replies of all kinds', () => {
  it('takes a reply that comes well', async () => {
    const { call, frames } = rawServer(
      cleanups,
      Buffer.concat([SETTINGS, responseHeaders(), data('yes'), trailers('0')]),
    );
    expect(await call('Echo')).toBe('yes');
    const sent = frames();
    expect(sent.filter(({ type }) => type === 'headers')).toHaveLength(1);
    expect(sent.find(({ type }) => type === 'data')?.payload).toEqual(message(Buffer.from('x')));
  });

  const replies: { name: string; bytes: Buffer; code: string; status?: number }[] = [
    {
      name: 'no message',
      bytes: Buffer.concat([responseHeaders(), trailers('0')]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'two messages',
      bytes: Buffer.concat([responseHeaders(), data('a', 'b'), trailers('0')]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'a compressed message',
      bytes: Buffer.concat([responseHeaders(), frame('data', 1, message(Buffer.from('a'), 1))]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'an undecodable message',
      bytes: Buffer.concat([responseHeaders(), frame('data', 1, message(Buffer.from([0xff])))]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'half a message',
      bytes: Buffer.concat([
        responseHeaders(),
        frame('data', 1, message(Buffer.from('abc')).subarray(0, 6)),
        trailers('0'),
      ]),
      code: 'NETWORK.BAD_MESSAGE',
    },
    {
      name: 'a message over the limit',
      bytes: Buffer.concat([responseHeaders(), frame('data', 1, Buffer.from('0000ffffff', 'hex'))]),
      code: 'NETWORK.MESSAGE_TOO_LARGE',
    },
    {
      name: 'no trailers',
      bytes: Buffer.concat([
        responseHeaders(),
        frame('data', 1, message(Buffer.from('a')), Flags.END_STREAM),
      ]),
      code: 'NETWORK.STREAM_FAILED',
    },
    {
      name: 'a message, then a failure',
      bytes: Buffer.concat([responseHeaders(), data('a'), trailers('14')]),
      code: 'NETWORK.RPC_FAILED',
      status: 14,
    },
    {
      name: 'a status alone',
      bytes: responseHeaders(Buffer.concat([RESPONSE, field('grpc-status', '12')]), Flags.END_STREAM),
      code: 'NETWORK.RPC_FAILED',
      status: 12,
    },
    {
      name: 'a status that is no number',
      bytes: Buffer.concat([responseHeaders(), trailers('ok')]),
      code: 'NETWORK.RPC_FAILED',
      status: 2,
    },
    {
      name: 'HTTP 404',
      bytes: responseHeaders(Buffer.from([0x8d]), Flags.END_STREAM),
      code: 'NETWORK.RPC_FAILED',
      status: 12,
    },
    {
      name: 'HTTP 418',
      bytes: responseHeaders(field(':status', '418'), Flags.END_STREAM),
      code: 'NETWORK.RPC_FAILED',
      status: 2,
    },
    {
      name: 'a web page',
      bytes: responseHeaders(
        Buffer.concat([Buffer.from([0x88]), field('content-type', 'text/html')]),
        Flags.END_STREAM,
      ),
      code: 'NETWORK.RPC_FAILED',
      status: 2,
    },
    {
      name: 'headers without a content type',
      bytes: responseHeaders(Buffer.from([0x88]), Flags.END_STREAM),
      code: 'NETWORK.RPC_FAILED',
      status: 2,
    },
    { name: 'a reset', bytes: frame('reset', 1, Buffer.from([0, 0, 0, 8])), code: 'NETWORK.STREAM_FAILED' },
    {
      name: 'a reset after the headers',
      bytes: Buffer.concat([responseHeaders(), frame('reset', 1, Buffer.from([0, 0, 0, 2]))]),
      code: 'NETWORK.STREAM_FAILED',
    },
    {
      name: 'a reset after the status',
      bytes: Buffer.concat([
        responseHeaders(Buffer.concat([RESPONSE, field('grpc-status', '0')])),
        data('a'),
        frame('reset', 1, Buffer.from([0, 0, 0, 2])),
      ]),
      code: 'NETWORK.STREAM_FAILED',
    },
    {
      name: 'GOAWAY',
      bytes: frame('goaway', 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 11])),
      code: 'NETWORK.STREAM_FAILED',
    },
    { name: 'broken HTTP/2', bytes: frame('data', 0, Buffer.alloc(3)), code: 'NETWORK.STREAM_FAILED' },
    {
      name: 'garbage',
      bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      code: 'NETWORK.STREAM_FAILED',
    },
    {
      name: 'a header bomb',
      bytes: responseHeaders(
        Buffer.concat([RESPONSE, ...Array.from({ length: 200 }, (_, i) => field(`x-${i}`, 'y'))]),
      ),
      code: 'NETWORK.STREAM_FAILED',
    },
  ];

  it.each(replies)('fails with $code at $name', async ({ name, bytes, code, status }) => {
    const { call } = rawServer(cleanups, name === 'garbage' ? bytes : Buffer.concat([SETTINGS, bytes]));
    const detail = await failure(call('Echo'));
    expect(detail.code).toBe(code);
    if (status !== undefined) expect(detail).toMatchObject({ status });
  });

  it.each(replies.filter(({ name }) => name !== 'no message' && name !== 'two messages'))(
    'fails a stream with $code at $name',
    async ({ name, bytes, code }) => {
      const { stream } = rawServer(cleanups, name === 'garbage' ? bytes : Buffer.concat([SETTINGS, bytes]));
      expect(codeOf((await collect(stream('Count'))).error)).toBe(code);
    },
  );
});
