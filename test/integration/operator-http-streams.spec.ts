import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { httpCall } from '../support/http-client.js';
import { envelope, HttpEndpointUnderTest, STREAM, UNARY } from '../support/http-endpoint-under-test.js';

describe('streams over HTTP', () => {
  let sut: HttpEndpointUnderTest;

  beforeEach(async () => {
    sut = await HttpEndpointUnderTest.start();
  });

  afterEach(() => sut.stop());

  const subscribe = (type: string, lines: readonly string[] = []) => {
    const body = envelope(type.endsWith('json') ? '{}' : '');
    const length = `content-length: ${body.length}`;
    return sut.post(STREAM, ['host: localhost', `content-type: ${type}`, length, ...lines], body);
  };

  it.each([
    'application/connect+json',
    'application/connect+proto',
    'application/grpc-web+proto',
    'application/grpc-web+json',
  ])('tell at once that they are open, and end as usual: %s', async (type) => {
    const socket = await subscribe(type);
    const [head] = await once(socket, 'data');
    expect(String(head)).toMatch(/^HTTP\/1\.1 200 /);
    expect(String(head).toLowerCase()).toContain(`content-type: ${type}\r\n`);
    expect(sut.ended$.observed).toBe(true);
    sut.ended$.complete();
    const [rest] = await once(socket, 'data');
    expect(String(rest)).toMatch(/\{"?metadata|\{\}|grpc-status: 0/);
  });

  it.each([
    ['application/connect+json', 'connect-timeout-ms', '9999999999'],
    ['application/grpc-web+proto', 'grpc-timeout', '99999999S'],
  ])('a deadline that no timer can hold is none: %s', async (type, header, value) => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const socket = await subscribe(type, [`${header}: ${value}`]);
    await once(socket, 'data');
    // Timers go off in turn: one that was too long for its kind would have done so after a millisecond.
    await wait(2);
    expect(sut.ended$.observed).toBe(true);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it.each([
    ['application/json', 'connect-timeout-ms', '99999999999', '{"id":"a"}', /invalid connect timeout/],
    ['application/grpc-web+proto', 'grpc-timeout', '999999999S', envelope(''), /invalid%20grpc%20timeout/],
  ])('a malformed deadline is refused: %s', async (type, header, value, body, message) => {
    const headers = { 'content-type': type, [header]: value };
    expect((await httpCall(sut.address, { path: UNARY, headers, body })).body).toMatch(message);
  });
});
