import { describe, expect, it } from '@jest/globals';
import { JsonRpcError, type JsonRpcErrorDetail, numberFor } from './jsonrpc.errors.js';

const cases: readonly [JsonRpcErrorDetail, number, string][] = [
  [{ code: 'JSONRPC.PORT_TAKEN', address: 'a:1' }, -32_603, 'a:1'],
  [{ code: 'JSONRPC.LISTEN_FAILED', address: 'a:1', reason: 'why' }, -32_603, 'why'],
  [{ code: 'JSONRPC.NOT_JSON' }, -32_600, 'Invalid json request'],
  [{ code: 'JSONRPC.INVALID_REQUEST', reason: 'why' }, -32_600, 'why'],
  [{ code: 'JSONRPC.BATCH_TOO_LONG', limit: 1 }, -32_600, 'Batch request length too long'],
  [
    { code: 'JSONRPC.METHOD_NOT_FOUND', method: 'm', reason: undefined },
    -32_601,
    'the method m does not exist/is not available',
  ],
  [{ code: 'JSONRPC.METHOD_NOT_FOUND', method: 'm', reason: 'why' }, -32_601, 'is not available: why'],
  [{ code: 'JSONRPC.INVALID_PARAMS', param: 'p', reason: 'why' }, -32_602, 'Invalid Params: p why'],
  [{ code: 'JSONRPC.NO_HEAD' }, -32_600, 'genesis'],
  [{ code: 'JSONRPC.BLOCK_PRUNED', tail: 5 }, 4_444, '5'],
  [{ code: 'JSONRPC.NO_POOL' }, -32_600, 'no transaction pool'],
  [{ code: 'JSONRPC.TRANSACTION_REFUSED', reason: 'nonce too low' }, -32_600, 'nonce too low'],
  [{ code: 'JSONRPC.TOO_MANY_SUBSCRIPTIONS', limit: 3 }, -32_005, '3'],
  [{ code: 'JSONRPC.CLIENT_GONE' }, -32_603, 'gone'],
  [{ code: 'JSONRPC.BUSY' }, -32_005, 'request limit exceeded'],
  [{ code: 'JSONRPC.REPLY_TOO_LARGE', maxBytes: 9 }, -32_005, '9'],
];

describe(JsonRpcError.name, () => {
  it.each(cases)('%p is %i', (detail, number, text) => {
    expect(numberFor(detail)).toBe(number);
    expect(new JsonRpcError(detail).message).toContain(text);
  });
});
