import type { IncomingHttpHeaders } from 'node:http2';
import { describe, expect, it } from '@jest/globals';
import { GrpcStatus } from '../../../common/grpc-status.js';
import type { PeerMethodHandler } from '../ports/peer-handlers.port.js';
import { isGrpcContentType, routeCall } from './server-routes.js';

const echo: PeerMethodHandler = {
  kind: 'unary',
  maxRequestBytes: 10,
  decode: (bytes) => bytes,
  encode: () => new Uint8Array(),
  handle: async (request) => request,
};
const routes = {
  services: ['v1.Test'],
  find: (_: string, method: string) => (method === 'Echo' ? echo : undefined),
};
const good: IncomingHttpHeaders = {
  ':method': 'POST',
  ':path': '/v1.Test/Echo',
  'content-type': 'application/grpc',
};

function without(name: string): IncomingHttpHeaders {
  const { [name]: _, ...rest } = good;
  return rest;
}

describe(routeCall.name, () => {
  it.each<{ name: string; headers: IncomingHttpHeaders }>([
    { name: 'a call', headers: good },
    { name: 'a call that says it is not compressed', headers: { ...good, 'grpc-encoding': 'identity' } },
  ])('finds the handler of $name', ({ headers }) => {
    expect(routeCall(headers, routes)).toBe(echo);
  });

  it.each<{ name: string; headers: IncomingHttpHeaders; code: number; httpStatus?: number }>([
    { name: 'no headers', headers: {}, code: GrpcStatus.INTERNAL, httpStatus: 405 },
    { name: 'no HTTP method', headers: without(':method'), code: GrpcStatus.INTERNAL, httpStatus: 405 },
    {
      name: 'another HTTP method',
      headers: { ...good, ':method': 'PUT' },
      code: GrpcStatus.INTERNAL,
      httpStatus: 405,
    },
    {
      name: 'no content type',
      headers: without('content-type'),
      code: GrpcStatus.INVALID_ARGUMENT,
      httpStatus: 415,
    },
    { name: 'no path', headers: without(':path'), code: GrpcStatus.UNIMPLEMENTED },
    {
      name: 'a path of one part',
      headers: { ...good, ':path': '/v1.Test' },
      code: GrpcStatus.UNIMPLEMENTED,
    },
    {
      name: 'another service',
      headers: { ...good, ':path': '/v1.System/Echo' },
      code: GrpcStatus.UNIMPLEMENTED,
    },
    { name: 'another method', headers: { ...good, ':path': '/v1.Test/No' }, code: GrpcStatus.UNIMPLEMENTED },
    { name: 'compression', headers: { ...good, 'grpc-encoding': 'gzip' }, code: GrpcStatus.UNIMPLEMENTED },
  ])('refuses $name', ({ headers, code, httpStatus }) => {
    const refusal = httpStatus === undefined ? { code } : { code, httpStatus };
    expect(() => routeCall(headers, routes)).toThrow(expect.objectContaining(refusal));
  });

  it('repeats no more than 100 characters of what it refuses', () => {
    const long = 'x'.repeat(5_000);
    expect(() => routeCall({ ...good, ':path': long }, routes)).toThrow(
      expect.objectContaining({ details: `malformed method name: "${'x'.repeat(100)}"` }),
    );
  });
});

it.each([
  ['application/grpc', true],
  ['application/grpc+proto', true],
  ['Application/gRPC;charset=utf-8', true],
  ['application/grpc-web', false],
  ['text/html', false],
  ['', false],
])('knows whether the content type %p is gRPC', (value, expected) => {
  expect(isGrpcContentType(value)).toBe(expected);
});
