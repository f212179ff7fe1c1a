import { describe, expect, it } from '@jest/globals';
import { faultOf } from './stream-headers.js';

const code = (headers: Record<string, string | string[]>) => faultOf(headers)?.code;

describe(faultOf.name, () => {
  it.each([
    ['none', {}],
    [
      'those of every call',
      { ':path': '/v1.System/GetStatus', te: 'trailers', 'content-type': 'application/grpc' },
    ],
    ['as many bytes as fit', { a: 'x'.repeat(16_383) }],
    ['several values', { a: ['x', 'y'] }],
  ])('lets through %s', (_what, headers) => {
    expect(code(headers)).toBeUndefined();
  });

  it.each([
    ['a control sequence', { a: '\u009b31m' }, 'SYSTEM.METADATA_INVALID'],
    ['a letter beyond ASCII', { authorization: 'Bearer t\u00f6ken' }, 'SYSTEM.METADATA_INVALID'],
    ['one of several values', { a: ['x', '\u00f6'] }, 'SYSTEM.METADATA_INVALID'],
    ['a name that gRPC has not', { 'a!': 'x' }, 'SYSTEM.METADATA_INVALID'],
    ['one byte too many', { a: 'x'.repeat(16_384) }, 'SYSTEM.METADATA_TOO_LARGE'],
    ['a long name too often', { ['a'.repeat(1_000)]: Array(17).fill('') }, 'SYSTEM.METADATA_TOO_LARGE'],
    ['too many values', { a: Array(1_000).fill('x'.repeat(16)) }, 'SYSTEM.METADATA_TOO_LARGE'],
  ])('refuses %s', (_what, headers, expected) => {
    expect(code(headers as Record<string, string>)).toBe(expected);
  });
});
