import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeGrpcMessage,
  encodeGrpcMessage,
  formatGrpcTimeout,
  parseGrpcTimeout,
  splitPath,
} from './grpc-wire.js';

describe('grpc-timeout', () => {
  it.each([
    ['9999639u', 9_999.639],
    ['10S', 10_000],
    ['2M', 120_000],
    ['1H', 3_600_000],
    ['250m', 250],
    ['5000000n', 5],
    ['0m', 0],
    ['99999999H', 99_999_999 * 3_600_000],
  ])('reads %s', (text, ms) => expect(parseGrpcTimeout(text)).toBeCloseTo(ms, 6));

  it.each(['', 'm', '10', '-1m', '1.5S', '123456789m', '10s', ' 10S', '10S ', '1e3m'])(
    'refuses %j',
    (text) => {
      expect(parseGrpcTimeout(text)).toBeUndefined();
    },
  );

  it.each([
    [250, '250m'],
    [0.2, '1m'],
    [10_000, '10000m'],
    [99_999_999, '99999999m'],
    [100_000_000, '100000S'],
    [1e15, '99999999S'],
  ])('writes %d ms', (ms, text) => expect(formatGrpcTimeout(ms)).toBe(text));
});

describe('grpc-message', () => {
  it.each([
    ['plain text', 'plain text'],
    ['100 %', '100 %25'],
    ['grüße', 'gr%C3%BC%C3%9Fe'],
    ['a\nb', 'a%0Ab'],
  ])('writes %j', (text, header) => expect(encodeGrpcMessage(text)).toBe(header));

  it('reads what it wrote, white space apart', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const header = encodeGrpcMessage(text);
        expect(header).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeGrpcMessage(header)).toBe(text.replace(/\s+/g, ' '));
      }),
    );
  });

  it('keeps what is no escape, and caps what peers send', () => {
    expect(decodeGrpcMessage('50 % of %zz')).toBe('50 % of %zz');
    expect(decodeGrpcMessage('x'.repeat(100_000))).toHaveLength(300);
    expect(decodeGrpcMessage('two%0Alines')).toBe('two lines');
    expect(encodeGrpcMessage('x'.repeat(100_000))).toHaveLength(300);
  });
});

describe('splitPath', () => {
  it.each([
    ['/v1.SyncPeer/GetBlocks', { service: 'v1.SyncPeer', method: 'GetBlocks' }],
    ['v1.SyncPeer/GetBlocks', { service: 'v1.SyncPeer', method: 'GetBlocks' }],
    ['/a/b/c', { service: 'a/b', method: 'c' }],
    ['/nothing', undefined],
    ['', undefined],
  ])('splits %s', (path, parts) => expect(splitPath(path)).toEqual(parts));
});
