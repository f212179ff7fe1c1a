import { describe, expect, it } from '@jest/globals';
import { Params } from './params.js';

const HASH = `0x${'ab'.repeat(32)}`;
const refusal = (param: string) =>
  expect.objectContaining({ code: 'JSONRPC.INVALID_PARAMS', detail: expect.objectContaining({ param }) });

describe(Params.name, () => {
  it.each([
    ['latest', 'latest'],
    ['pending', 'latest'],
    ['earliest', 0],
    ['0x0', 0],
    ['0x1f', 31],
    ['0X1F', 31],
    ['31', 31],
    [31, 31],
    [undefined, 0],
    [null, 0],
    ['0x1fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['0x20000000000000', 'beyond'],
    ['18446744073709551615', 'beyond'],
  ])('reads %p as a block', (value, expected) => {
    expect(new Params([value]).blockTag(0, 'block')).toBe(expected);
  });

  it.each([
    'safe',
    'finalized',
    '',
    '0x',
    '-1',
    '1.5',
    '0xg',
    '18446744073709551616',
    -1,
    1.5,
    1e21,
    {},
    [],
    true,
  ])('refuses %p as a block', (value) =>
    expect(() => new Params([value]).blockTag(0, 'block')).toThrow(refusal('block')),
  );

  it('reads an index', () => {
    expect(new Params(['0x2']).index(0, 'index')).toBe(2);
    expect(new Params([]).index(0, 'index')).toBe(0);
    expect(() => new Params(['latest']).index(0, 'index')).toThrow(refusal('index'));
  });

  it('reads a hash', () => {
    expect(new Params([HASH]).hash(0, 'hash')).toEqual(new Uint8Array(32).fill(0xab));
  });

  it.each([undefined, null, 1, '', HASH.slice(2), HASH.slice(0, -2), `${HASH}00`, `0x${'zz'.repeat(32)}`])(
    'refuses %p as a hash',
    (value) => expect(() => new Params([value]).hash(0, 'hash')).toThrow(refusal('hash')),
  );

  it('reads bytes up to a size', () => {
    expect(new Params(['0x']).data(0, 'data', 2)).toEqual(new Uint8Array());
    expect(new Params(['0x0102']).data(0, 'data', 2)).toEqual(Uint8Array.of(1, 2));
    for (const value of ['0x010203', '0x1', 'ff', 5, undefined]) {
      expect(() => new Params([value]).data(0, 'data', 2)).toThrow(refusal('data'));
    }
  });

  it('reads flags and texts', () => {
    const params = new Params([true, 'x']);
    expect([params.flag(0, 'f'), params.flag(2, 'f'), params.text(1, 't')]).toEqual([true, false, 'x']);
    expect(() => params.flag(1, 'f')).toThrow(refusal('f'));
    expect(() => params.text(0, 't')).toThrow(refusal('t'));
  });
});
