import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NEVER } from 'rxjs';
import { CallGate } from '../../src/transport/operator/call-gate.js';
import { HttpEndpoint } from '../../src/transport/operator/http-endpoint.js';
import { handlerPattern } from '../../src/transport/peer-router.js';
import { eventually } from '../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';

describe('requests one after the other on a connection of HTTP/1.1', () => {
  let clock: ManualClock;
  let openCalls: number;
  let mostCalls: number;
  let listener: Server;
  let client: Socket;
  let accepted: Socket;
  let received: string;
  let answerStatus: () => Promise<object>;

  beforeEach(async () => {
    clock = new ManualClock();
    openCalls = 0;
    mostCalls = 0;
    received = '';
    answerStatus = async () => ({});
    const gate = new CallGate({
      admit: () => {
        openCalls += 1;
        mostCalls = Math.max(mostCalls, openCalls);
        return {
          identity: { name: 'ops', role: 'admin', how: 'token' },
          end: () => {
            openCalls -= 1;
          },
        };
      },
      acceptConnection: () => () => undefined,
      handshakeFailed: () => undefined,
      turnedAway: () => undefined,
    });
    const handlers = new Map<string, never>([
      [handlerPattern('System', 'GetStatus'), (() => answerStatus()) as never],
      [handlerPattern('System', 'Subscribe'), (async () => NEVER) as never],
    ]);
    const rules = { allowedOrigins: [], allowedHosts: [], grpcHost: '127.0.0.1' } as never;
    const sut = new HttpEndpoint({ gate, rules, handlers, clock, unaryTimeoutMs: 30_000 });
    listener = createServer((socket) => {
      accepted = socket;
      sut.take(socket);
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    client.on('data', (data) => {
      received += data;
    });
    await once(client, 'connect');
  });

  afterEach(() => {
    client.destroy();
    listener.close();
  });

  const STATUS = request('GetStatus', 'application/json', '{}');
  const SUBSCRIBE = request('Subscribe', 'application/connect+json', '\0\0\0\0\u0002{}');

  function request(method: string, type: string, body: string): string {
    const head = [`POST /v1.System/${method} HTTP/1.1`, 'host: 127.0.0.1', `content-type: ${type}`];
    return [...head, `content-length: ${body.length}`, '', body].join('\r\n');
  }
  const answers = () => received.split('HTTP/1.1 200').length - 1;

  it('are answered in turn', async () => {
    client.write(STATUS.repeat(5));
    await eventually(() => answers() === 5);
    expect(mostCalls).toBe(1);
    await eventually(() => openCalls === 0);
  });

  it('leave nothing behind when the client goes', async () => {
    client.write(SUBSCRIBE + STATUS.repeat(4) + SUBSCRIBE.repeat(3));
    await eventually(() => openCalls === 1);
    client.destroy();
    await eventually(() => openCalls === 0);
    expect(mostCalls).toBe(1);
  });

  it('end the connection when too many wait', async () => {
    answerStatus = () => new Promise(() => undefined);
    client.write(STATUS.repeat(21));
    await eventually(() => client.closed && openCalls === 0);
    expect(mostCalls).toBe(1);
  });

  it('end the connection when they wait for a stream, whose client would be thought to be there for ever', async () => {
    client.write(SUBSCRIBE + STATUS);
    await eventually(() => openCalls === 1);
    clock.advance(9_999);
    expect(openCalls).toBe(1);
    clock.advance(1);
    await eventually(() => client.closed && openCalls === 0);
  });

  it.each([
    ['a connection that begins a next request and says no more', 'G'],
    [
      'a body that never comes',
      'POST /v1.System/GetStatus HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    ],
  ])('after one that is refused, %s is cut in time', async (_what, rest) => {
    const refused = 'GET /x HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n';
    client.write(refused + rest);
    await eventually(() => received.includes('404') && accepted.bytesRead === refused.length + rest.length);
    clock.advance(20_000);
    await eventually(() => client.closed && openCalls === 0);
  });

  it('a stream behind another call goes on for as long as it likes', async () => {
    client.write(STATUS + SUBSCRIBE);
    await eventually(() => answers() === 2 && openCalls === 1);
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.closed).toBe(false);
    expect(openCalls).toBe(1);
  });
});
