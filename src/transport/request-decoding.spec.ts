import { describe, expect, it } from '@jest/globals';
import { System } from '../gen/v1/system_pb.js';
import { requestOfJson } from './request-decoding.js';

const { peersAdd } = System.method;
const read = (text: string | Uint8Array) => requestOfJson(peersAdd, Buffer.from(text));

describe(requestOfJson.name, () => {
  it('reads a request', () =>
    expect(read('{"id":"/ip4/127.0.0.1/tcp/1"}')).toMatchObject({ id: '/ip4/127.0.0.1/tcp/1' }));

  it.each([
    ['no JSON', '{', 'SYSTEM.REQUEST_UNDECODABLE'],
    ['nothing', '', 'SYSTEM.REQUEST_UNDECODABLE'],
    ['a wrong type', '{"id":7}', 'SYSTEM.REQUEST_UNDECODABLE'],
    ['not UTF-8', Buffer.from('{"id":"/ip4/\xff"}', 'latin1'), 'SYSTEM.REQUEST_UNDECODABLE'],
    ['a field that there is not', '{"id":"/ip4/127.0.0.1/tcp/1","idd":""}', 'SYSTEM.REQUEST_UNDECODABLE'],
    ['a broken rule', '{"id":""}', 'SYSTEM.REQUEST_INVALID'],
    [
      'more bytes than the method takes',
      JSON.stringify({ id: 'x'.repeat(16_384) }),
      'SYSTEM.REQUEST_TOO_LARGE',
    ],
  ])('%s is refused', (_what, text, code) =>
    expect(() => read(text)).toThrow(expect.objectContaining({ code })),
  );

  it('says what a caller wrote only in characters that can be sent', () =>
    expect(() => read('{"id":{"a":"\ud800\u0000"}}')).toThrow(/^[ -~]*$/));
});
