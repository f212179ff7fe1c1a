import { describe, expect, it } from '@jest/globals';
import { readRequest } from './read-request.js';

const read = (value: unknown, limit = 20) => readRequest(JSON.stringify(value), limit);
const codeOf = (value: unknown) => {
  const request = read(value);
  return request.kind === 'single' ? request.call.fault?.code : 'batch';
};

describe(readRequest.name, () => {
  it('reads a call', () => {
    expect(read({ jsonrpc: '2.0', id: 7, method: 'eth_chainId', params: [1] })).toEqual({
      kind: 'single',
      call: { id: 7, method: 'eth_chainId', params: [1], fault: undefined },
    });
  });

  it('takes a call without version, id and parameters', () => {
    const call = { id: null, method: 'm', params: [], fault: undefined };
    expect(read({ method: 'm' })).toEqual({ kind: 'single', call });
    expect(read({ method: 'm', params: null })).toEqual({ kind: 'single', call });
  });

  it('keeps no more parameters than a method may have', () => {
    const request = read({ method: 'm', params: [1, 2, 3, 4, 5] });
    expect(request).toMatchObject({ call: { params: [1, 2, 3, 4] } });
  });

  it('reads a batch, also an empty one', () => {
    expect(read([])).toEqual({ kind: 'batch', calls: [] });
    expect(read([{ method: 'a', id: 'x' }, 5])).toMatchObject({
      kind: 'batch',
      calls: [
        { id: 'x', method: 'a' },
        { id: null, fault: { code: 'JSONRPC.INVALID_REQUEST' } },
      ],
    });
  });

  it.each([
    { name: 'no method', value: {}, code: 'JSONRPC.INVALID_REQUEST' },
    { name: 'an empty method', value: { method: '' }, code: 'JSONRPC.INVALID_REQUEST' },
    { name: 'a method that is no text', value: { method: 1 }, code: 'JSONRPC.INVALID_REQUEST' },
    { name: 'an object as id', value: { id: {}, method: 'm' }, code: 'JSONRPC.INVALID_REQUEST' },
    { name: 'a flag as id', value: { id: true, method: 'm' }, code: 'JSONRPC.INVALID_REQUEST' },
    { name: 'named parameters', value: { method: 'm', params: {} }, code: 'JSONRPC.INVALID_PARAMS' },
    {
      name: 'a method in the prototype',
      value: JSON.parse('{"__proto__":{"method":"m"}}'),
      code: 'JSONRPC.INVALID_REQUEST',
    },
  ])('refuses $name', ({ value, code }) => expect(codeOf(value)).toBe(code));

  it('gives back the id of a call that is refused', () => {
    expect(read({ id: 'x', method: 'm', params: 5 })).toMatchObject({ call: { id: 'x' } });
  });

  it.each([
    { name: 'nothing', text: '' },
    { name: 'what is no JSON', text: '{' },
    { name: 'a text', text: '"eth_chainId"' },
    { name: 'null', text: 'null' },
    { name: '10,000 lists in one another', text: `${'['.repeat(10_000)}${']'.repeat(10_000)}` },
    { name: '10,000 objects in one another', text: `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}` },
  ])('refuses $name', ({ text }) => {
    expect(() => readRequest(text, 20)).toThrow(expect.objectContaining({ code: 'JSONRPC.NOT_JSON' }));
  });

  it('does not count brackets inside of texts', () => {
    const method = `${'['.repeat(100)}\\"${'{'.repeat(100)}`;
    expect(read({ method })).toMatchObject({ call: { method } });
  });

  it('refuses more calls than the limit', () => {
    const calls = (count: number) => Array.from({ length: count }, () => ({ method: 'm' }));
    expect(read(calls(3), 3)).toMatchObject({ kind: 'batch' });
    expect(() => read(calls(4), 3)).toThrow(expect.objectContaining({ code: 'JSONRPC.BATCH_TOO_LONG' }));
  });
});
