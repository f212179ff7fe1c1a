import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { System } from '../../gen/v1/system_pb.js';
import { dropSettledHeaders, formOf, isCompressed, readRequest, typesOf } from './http-request.js';

const { peersStatus, subscribe } = System.method;

describe(formOf.name, () => {
  it.each([
    ['application/json', { isEnveloped: false, isBinary: false }],
    ['application/json; charset=utf-8', { isEnveloped: false, isBinary: false }],
    ['application/proto', { isEnveloped: false, isBinary: true }],
    ['application/grpc-web', { isEnveloped: true, isBinary: true }],
    ['application/grpc-web+proto', { isEnveloped: true, isBinary: true }],
    ['application/grpc-web+json', { isEnveloped: true, isBinary: false }],
    ['application/connect+json', undefined],
    ['application/grpc-web-text', undefined],
    ['application/grpc-web-text+proto', undefined],
    ['application/grpc', undefined],
    ['text/plain', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('a method without a stream is called as %s: %j', (type, form) =>
    expect(formOf(peersStatus, type)).toEqual(form),
  );

  it.each([
    ['application/connect+json', { isEnveloped: true, isBinary: false }],
    ['application/connect+proto', { isEnveloped: true, isBinary: true }],
    ['application/json', undefined],
    ['application/proto', undefined],
  ])('a stream is called as %s: %j', (type, form) => expect(formOf(subscribe, type)).toEqual(form));

  it.each([peersStatus, subscribe])('says of $name only what it takes', (method) => {
    for (const type of typesOf(method)) expect(formOf(method, type)).toBeDefined();
  });
});

describe(isCompressed.name, () => {
  it.each([
    [{}, false],
    [{ 'content-encoding': 'identity', 'accept-encoding': 'gzip' }, false],
    [{ 'content-encoding': 'gzip' }, true],
    [{ 'content-encoding': '' }, true],
    [{ 'connect-content-encoding': 'br' }, true],
    [{ 'grpc-encoding': 'gzip' }, true],
  ])('%j: %s', (headers, expected) => expect(isCompressed(headers)).toBe(expected));
});

describe(dropSettledHeaders.name, () => {
  it('leaves deadlines that a timer can hold, and what it does not know', () => {
    const headers = new Headers({
      ...{ 'content-length': '7', 'content-encoding': 'identity', 'grpc-encoding': 'identity' },
      ...{ 'connect-timeout-ms': '1000', 'grpc-timeout': '1S', 'content-type': 'application/json' },
    });
    dropSettledHeaders(headers);
    expect([...headers.keys()].sort()).toEqual(['connect-timeout-ms', 'content-type', 'grpc-timeout']);
  });

  it('takes away those beyond', () => {
    const headers = new Headers({ 'connect-timeout-ms': '9999999999', 'grpc-timeout': '99999999H' });
    dropSettledHeaders(headers);
    expect([...headers.keys()]).toEqual([]);
  });
});

describe(readRequest.name, () => {
  it('reads no further than a request may go', async () => {
    const body = Object.assign(new PassThrough(), { headers: {} });
    const read = readRequest(body as never, peersStatus, { isEnveloped: false, isBinary: false });
    let written = 0;
    body.on('drain', () => undefined);
    for (; written < 10; written++) body.write(Buffer.alloc(8_192, 'x'));
    expect(await read).toMatchObject({ code: 'SYSTEM.REQUEST_TOO_LARGE' });
    expect(body.destroyed).toBe(false);
    expect(body.readableLength + body.writableLength).toBeGreaterThan(0);
  });

  it('rejects when the client goes away within it', async () => {
    const body = Object.assign(new PassThrough(), { headers: {} });
    const read = readRequest(body as never, peersStatus, { isEnveloped: true, isBinary: true });
    body.destroy(new Error('gone'));
    await expect(read).rejects.toThrow('gone');
  });
});
