import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GrpcStatus } from '../../src/common/grpc-status.js';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '../../src/gen/google/rpc/status_pb.js';
import { eventually } from '../support/eventually.js';
import { type HttpAnswer, httpCall } from '../support/http-client.js';
import { envelope, HttpEndpointUnderTest, STREAM, UNARY } from '../support/http-endpoint-under-test.js';
import { textUntilClosed } from '../support/raw-connection.js';

const JSON_TYPE = 'application/json';
const CONNECT_STREAM = 'application/connect+json';
const GRPC_WEB = 'application/grpc-web+proto';
const MAX_BODY_BYTES = 2 * 16 * 1_024;

/** The stable code that an answer carries in the words of its protocol. */
function codeIn({ body }: HttpAnswer): string | undefined {
  const trailer = /grpc-status-details-bin: (\S+)/.exec(body)?.[1];
  if (trailer !== undefined) {
    const [detail] = fromBinary(StatusSchema, Buffer.from(trailer, 'base64')).details;
    return detail && anyUnpack(detail, ErrorInfoSchema)?.reason;
  }
  const json = JSON.parse(body.slice(body.indexOf('{')));
  return (json.error ?? json).details?.[0].debug.reason;
}

describe('what is refused over HTTP', () => {
  let sut: HttpEndpointUnderTest;

  beforeEach(async () => {
    sut = await HttpEndpointUnderTest.start();
  });

  afterEach(() => sut.stop());

  const call = (
    path: string,
    type: string,
    body: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer> =>
    httpCall(sut.address, { path, body, headers: { 'content-type': type, ...headers } });

  const good = envelope('{"id":"a"}');

  it.each([
    ['no JSON', UNARY, JSON_TYPE, '{'],
    ['a wrong type', UNARY, JSON_TYPE, '{"id":7}'],
    ['half of a character', UNARY, 'application/grpc-web+json', envelope('{"id":{"a":"\\ud800"}}')],
    ['no protobuf', UNARY, 'application/proto', Uint8Array.of(0xff)],
    ['no protobuf in its envelope', UNARY, GRPC_WEB, envelope(Uint8Array.of(0xff))],
    ['no JSON in its envelope', STREAM, CONNECT_STREAM, envelope('{')],
    ['cut short in the head', STREAM, CONNECT_STREAM, '\0\0'],
    ['cut short in the message', STREAM, CONNECT_STREAM, envelope('{}').subarray(0, 6)],
    ['two messages', UNARY, 'application/grpc-web+json', Buffer.concat([good, good])],
    ['no message', STREAM, GRPC_WEB, ''],
  ])('as undecodable tells its code: %s', async (_what, path, type, body) => {
    expect(codeIn(await call(path, type, body))).toBe('SYSTEM.REQUEST_UNDECODABLE');
  });

  it.each([
    [UNARY, JSON_TYPE],
    [UNARY, 'application/proto'],
    [UNARY, GRPC_WEB],
    [STREAM, CONNECT_STREAM],
  ])('as too large tells its code, known before or counted: %s as %s', async (path, type) => {
    const body = Buffer.alloc(MAX_BODY_BYTES + 6, 'x');
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
      expect(codeIn(await call(path, type, body, headers))).toBe('SYSTEM.REQUEST_TOO_LARGE');
    }
  });

  it('as too large counts bytes in protobuf: as many as its method takes come to its rules, one more does not', async () => {
    const ofBytes = (bytes: number) =>
      Buffer.concat([Buffer.from([0x0a, 0xfd, 0x7f]), Buffer.alloc(bytes - 3)]);
    await call(UNARY, 'application/proto', ofBytes(16_384));
    await call(UNARY, 'application/proto', ofBytes(16_385));
    expect(sut.requests).toMatchObject([
      { code: 'SYSTEM.REQUEST_INVALID' },
      { code: 'SYSTEM.REQUEST_TOO_LARGE' },
    ]);
  });

  it.each([
    ['an envelope', UNARY, GRPC_WEB, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 0x0a])],
    ['an envelope of a stream', STREAM, CONNECT_STREAM, Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 0x7b])],
  ])('no memory is taken for what %s only says to come', async (_what, path, type, body) => {
    const before = process.memoryUsage().arrayBuffers;
    expect(codeIn(await call(path, type, body))).toBe('SYSTEM.REQUEST_UNDECODABLE');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
  });

  const VIEWED = '{"id":"16Uiu2HAmEyfzDtR3UxJkL4vXTGdiwk5yNGfWbMtXvz8cAwoAtbGm"}';
  it.each([
    ['a good call', VIEWED, {}, `${GrpcStatus.OK}`],
    ['an undecodable one', '{', {}, `${GrpcStatus.INVALID_ARGUMENT}`],
    ['a deadline that is none', VIEWED, { 'connect-timeout-ms': 'abc' }, `${GrpcStatus.INVALID_ARGUMENT}`],
  ])('is over once, as what it was answered: %s', async (_what, body, headers, status) => {
    await call(UNARY, JSON_TYPE, body, headers);
    await eventually(() => sut.ended.length > 0);
    expect(sut.ended).toEqual([`${status} ${UNARY}`]);
  });

  it('is over once when its client leaves within its body, or within its stream', async () => {
    const lines = ['host: localhost', 'content-length: 9'];
    (await sut.post(UNARY, [...lines, `content-type: ${JSON_TYPE}`], '{')).end();
    await eventually(() => sut.ended.length === 1);
    const stream = await sut.post(STREAM, [...lines, `content-type: ${CONNECT_STREAM}`], envelope('{  }'));
    await once(stream, 'data');
    stream.destroy();
    await eventually(() => sut.ended.length === 2);
    expect(sut.ended).toEqual([`${GrpcStatus.INVALID_ARGUMENT} ${UNARY}`, `undefined ${STREAM}`]);
  });

  it('is answered before a body comes that is said to be too large', async () => {
    const type = `content-type: ${JSON_TYPE}`;
    const socket = await sut.post(UNARY, ['host: localhost', type, 'content-length: 999999999']);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('SYSTEM.REQUEST_TOO_LARGE');
  });

  it.each([
    [UNARY, JSON_TYPE, 'content-encoding'],
    [STREAM, CONNECT_STREAM, 'connect-content-encoding'],
    [STREAM, GRPC_WEB, 'grpc-encoding'],
    [UNARY, GRPC_WEB, 'grpc-encoding'],
  ])('as compressed tells its code and is on record: %s as %s', async (path, type, header) => {
    const answer = await call(path, type, gzipSync(Buffer.alloc(8_000_000)), { [header]: 'gzip' });
    expect(codeIn(answer)).toBe('SYSTEM.COMPRESSED');
    expect(sut.turnedAway).toEqual([`SYSTEM.COMPRESSED ${path}`]);
    expect(sut.requests).toEqual([]);
  });

  it('a message that says it is compressed tells the code, where no header did', async () => {
    expect(codeIn(await call(UNARY, GRPC_WEB, envelope('x', 1)))).toBe('SYSTEM.COMPRESSED');
  });

  it.each(['content-encoding', 'connect-content-encoding', 'grpc-encoding'])(
    'a %s that changes nothing is no reason',
    async (header) => {
      const { status } = await call(UNARY, JSON_TYPE, '{"id":"a"}', { [header]: 'identity' });
      expect([status, sut.turnedAway]).toEqual([200, []]);
    },
  );

  it.each([
    ['another host', UNARY, { host: 'evil.example' }, 403, 'ACCESS.PAGE_REFUSED'],
    ['a page from elsewhere', UNARY, { origin: 'https://evil.example' }, 403, 'ACCESS.PAGE_REFUSED'],
    ['what nobody serves', '/un.Heard/Of', {}, 404, 'SYSTEM.METHOD_UNKNOWN'],
  ])('for %s tells its code and is on record', async (_what, path, headers, status, code) => {
    const answer = await call(path, JSON_TYPE, '{}', headers as unknown as Record<string, string>);
    expect([answer.status, codeIn(answer), sut.turnedAway]).toEqual([status, code, [`${code} ${path}`]]);
  });

  it.each([
    ['two names', 'localhost', 'evil.example'],
    ['one name twice', 'localhost', 'localhost'],
  ])('for more than one Host is a bad request: %s', async (_what, ...hosts) => {
    const lines = [...hosts.map((host) => `Host: ${host}`), 'connection: close', 'content-length: 0'];
    const text = await textUntilClosed(await sut.post(UNARY, lines));
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('ACCESS.PAGE_REFUSED');
    expect(sut.turnedAway).toEqual([`ACCESS.PAGE_REFUSED ${UNARY}`]);
  });

  it.each([
    [UNARY, 'application/grpc-web-text', ['application/json', GRPC_WEB]],
    [UNARY, 'application/grpc-web-text+proto', ['application/json', GRPC_WEB]],
    [STREAM, JSON_TYPE, [CONNECT_STREAM, GRPC_WEB]],
  ])('for its content type says what is served: %s as %s', async (path, type, served) => {
    const { status, body } = await call(path, type, '');
    expect([status, JSON.parse(body)]).toEqual([415, { code: 'unknown', message: expect.anything() }]);
    for (const name of served) expect(body).toContain(name);
  });
});
