import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { JsonRpcConfig } from '../../../src/modules/jsonrpc/jsonrpc.config.js';
import { eventually } from '../../support/eventually.js';
import { JsonRpcUnderTest } from '../../support/jsonrpc-under-test.js';
import { rawConnection, textUntilClosed } from '../../support/raw-connection.js';
import { Chains, ecdsa } from '../../support/recorded-chain.js';

const CALL = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
const JSON_TYPE = { 'content-type': 'application/json' };

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('a hostile client of JSON-RPC', () => {
  const chains = new Chains();
  const started: JsonRpcUnderTest[] = [];
  let rpc: JsonRpcUnderTest;

  async function start(config: Partial<JsonRpcConfig> = {}) {
    const chain = await chains.open();
    const under = await JsonRpcUnderTest.start({ chain, config });
    started.push(under);
    return { rpc: under, chain };
  }

  beforeAll(async () => {
    rpc = (await start({ allowedOrigins: ['https://app.example'] })).rpc;
  });
  afterAll(async () => {
    for (const under of started) await under.stop();
    await chains.closeAll();
  });

  /** By hand, since `fetch` does not let Host and Origin be chosen. */
  function ask(method: string, headers: Record<string, string>, body = '', path = '/'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: rpc.port, method, path, headers, agent: false };
      const sent = httpRequest(options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const stillAnswers = async () => expect(await rpc.call('eth_chainId')).toBe('0x1005');

  it.each([
    { name: 'a foreign host', headers: { ...JSON_TYPE, host: 'evil.example' }, status: 403 },
    { name: 'a foreign origin', headers: { ...JSON_TYPE, origin: 'https://evil.example' }, status: 403 },
    { name: 'a page without origin', headers: { ...JSON_TYPE, origin: 'null' }, status: 403 },
    { name: 'a form', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 415 },
    { name: 'plain text', headers: { 'content-type': 'text/plain' }, status: 415 },
    { name: 'no type', headers: {}, status: 415 },
    { name: 'packed JSON', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, status: 415 },
    { name: 'JSON', headers: { 'content-type': 'Application/JSON; charset=utf-8' }, status: 200 },
    { name: 'an allowed origin', headers: { ...JSON_TYPE, origin: 'https://app.example' }, status: 200 },
  ])('$name is answered with $status', async ({ headers, status }) => {
    const answer = await ask('POST', headers as Record<string, string>, CALL);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.body).not.toContain('0x1005');
    const { origin } = headers as { origin?: string };
    expect(answer.headers['access-control-allow-origin']).toBe(status === 200 ? origin : undefined);
  });

  it.each(['', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'])(
    'more than one Host is a bad request, also for a WebSocket: %j',
    async (lines) => {
      const socket = await rawConnection(rpc.port);
      socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nOrigin: null\r\n${lines}\r\n`);
      const text = await textUntilClosed(socket);
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(text).not.toContain('access-control-allow-origin');
      await stillAnswers();
    },
  );

  it('other verbs and paths are refused, and GET says who answers', async () => {
    expect((await ask('PUT', JSON_TYPE, CALL)).status).toBe(405);
    expect((await ask('POST', JSON_TYPE, CALL, '/admin')).status).toBe(404);
    const { body, status } = await ask('GET', {});
    expect([status, JSON.parse(body)]).toEqual([200, expect.objectContaining({ chain_id: 4101 })]);
  });

  it('a browser may ask from an allowed origin only', async () => {
    const preflight = (origin: string) => ask('OPTIONS', { origin, 'access-control-request-method': 'POST' });
    const allowed = await preflight('https://app.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-headers': 'Content-Type',
      vary: 'Origin',
    });
    expect((await preflight('https://evil.example')).status).toBe(403);
  });

  it('a body that is too large is refused, told or found out', async () => {
    expect((await ask('POST', { ...JSON_TYPE, 'content-length': '99999999' }, CALL)).status).toBe(413);
    const chunked = ask('POST', { ...JSON_TYPE, 'transfer-encoding': 'chunked' }, 'x'.repeat(1_100_000));
    // The connection may be cut before all is sent.
    const outcome = await chunked.then(
      ({ status }) => status,
      () => 413,
    );
    expect(outcome).toBe(413);
    await stillAnswers();
  });

  it('10,000 lists in one another are refused', async () => {
    const response = await rpc.post(`{"id":1,"method":"m","params":${'['.repeat(10_000)}`);
    expect(await response.json()).toEqual({
      jsonrpc: '2.0',
      error: { code: -32_600, message: 'Invalid json request' },
    });
  });

  it('a batch of 21 is refused, and one of 20 is not', async () => {
    const batch = async (count: number) => {
      const response = await rpc.post(`[${Array.from({ length: count }, () => CALL).join()}]`);
      return response.json();
    };
    expect(await batch(20)).toHaveLength(20);
    expect(await batch(21)).toEqual({
      jsonrpc: '2.0',
      error: { code: -32_600, message: 'Batch request length too long' },
    });
  });

  it('headers that are too large or too slow end the connection', async () => {
    const large = await rawConnection(rpc.port);
    large.write(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}`);
    expect(await textUntilClosed(large)).toContain('431');
    const slow = await rawConnection(rpc.port);
    slow.write('POST / HTTP/1.1\r\nhost: localhost\r\n');
    expect(await textUntilClosed(slow)).toContain('408');
    await stillAnswers();
  });

  describe('over WebSocket', () => {
    const closed = async (socket: WebSocket) => {
      socket.on('error', () => {});
      const [code] = (await once(socket, 'close')) as [number];
      return code;
    };

    async function open(to = rpc): Promise<WebSocket> {
      const socket = new WebSocket(to.webSocketUrl);
      await once(socket, 'open');
      return socket;
    }

    it.each([
      { name: 'a foreign origin', headers: { origin: 'https://evil.example' }, path: '/ws', status: 403 },
      { name: 'a foreign host', headers: { host: 'evil.example' }, path: '/ws', status: 403 },
      { name: 'another path', headers: {}, path: '/other', status: 404 },
    ])('$name gets no connection', async ({ headers, path, status }) => {
      const socket = new WebSocket(`ws://127.0.0.1:${rpc.port}${path}`, { headers });
      socket.on('error', () => {});
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
      expect(response.statusCode).toBe(status);
      socket.terminate();
    });

    it('a message that is too large ends the connection', async () => {
      const socket = await open();
      socket.send(`{"id":1,"method":"${'x'.repeat(9_000)}"}`);
      expect(await closed(socket)).toBe(1_009);
      await stillAnswers();
    });

    it('many requests at once are all answered, in order', async () => {
      const socket = await open();
      const ids: unknown[] = [];
      socket.on('message', (data: Buffer) => ids.push((JSON.parse(data.toString()) as { id: unknown }).id));
      for (let id = 0; id < 1_000; id++) socket.send(`{"id":${id},"method":"eth_chainId"}`);
      await eventually(() => ids.length === 1_000);
      expect(ids).toEqual(Array.from({ length: 1_000 }, (_, id) => id));
      socket.terminate();
    });

    it('one more connection than there is room for is turned away', async () => {
      const { rpc: small } = await start({ maxConnections: 4 });
      const first = await open(small);
      const second = await open(small);
      const third = new WebSocket(small.webSocketUrl);
      third.on('error', () => {});
      const [, response] = (await once(third, 'unexpected-response')) as [unknown, IncomingMessage];
      expect(response.statusCode).toBe(503);
      for (const socket of [first, second, third]) socket.terminate();
    });

    it('subscriptions of one connection are limited', async () => {
      const { rpc: small } = await start({ maxSubscriptions: 2 });
      const socket = await open(small);
      const replies: { result?: string; error?: { code: number } }[] = [];
      socket.on('message', (data: Buffer) => replies.push(JSON.parse(data.toString())));
      const subscribe = '{"id":1,"method":"eth_subscribe","params":["newHeads"]}';
      socket.send(subscribe);
      socket.send(subscribe);
      socket.send(subscribe);
      await eventually(() => replies.length === 3);
      expect(replies[2]?.error?.code).toBe(-32_005);
      socket.send(`{"id":2,"method":"eth_unsubscribe","params":["${replies[0]?.result}"]}`);
      socket.send('{"id":3,"method":"eth_unsubscribe","params":["0x00"]}');
      socket.send(subscribe);
      await eventually(() => replies.length === 6);
      expect(replies.slice(3).map(({ result }) => result)).toEqual([true, false, expect.any(String)]);
      socket.terminate();
    });

    it('a subscriber that does not read is cut, and others are told', async () => {
      const { rpc: busy, chain } = await start({ maxSubscriptions: 100 });
      const slow = await open(busy);
      const heads: string[] = [];
      const reader = await open(busy);
      reader.on('message', (data: Buffer) => {
        const { params } = JSON.parse(data.toString()) as { params?: { result: { number: string } } };
        if (params) heads.push(params.result.number);
      });
      let subscribed = 0;
      slow.on('message', () => subscribed++);
      for (let count = 0; count < 100; count++) {
        slow.send('{"id":1,"method":"eth_subscribe","params":["newHeads"]}');
      }
      reader.send('{"id":1,"method":"eth_subscribe","params":["newHeads"]}');
      await eventually(() => subscribed === 100);
      slow.pause();
      const cut = closed(slow);
      await chain.insert(ecdsa, { source: 'sync' });
      await eventually(() => heads.length === 260);
      expect(heads.at(-1)).toBe('0x104');
      slow.resume();
      expect(await cut).toBe(1_006);
      reader.terminate();
    });

    it('who does not answer pings is cut', async () => {
      const { rpc: other } = await start();
      const dead = new WebSocket(other.webSocketUrl, { autoPong: false });
      await once(dead, 'open');
      const alive = await open(other);
      const cut = closed(dead);
      for (let round = 1; round <= 2; round++) {
        const pinged = once(alive, 'ping');
        other.clock.advance(30_000);
        await pinged;
        // Its reply comes behind the pong.
        alive.send(CALL);
        await once(alive, 'message');
      }
      expect(await cut).toBe(1_006);
      expect(alive.readyState).toBe(WebSocket.OPEN);
      alive.terminate();
    });

    it('all are told and closed when the node stops, within half a second', async () => {
      const { rpc: stopping } = await start();
      const polite = await open(stopping);
      const silent = await open(stopping);
      const raw = connect(stopping.port, '127.0.0.1');
      raw.on('error', () => {});
      await once(raw, 'connect');
      raw.write('POST / HTTP/1.1\r\nhost: localhost\r\n');
      silent.pause();
      const goodbye = closed(polite);
      const stopped = stopping.stop();
      expect(await goodbye).toBe(1_001);
      stopping.clock.advance(300);
      await stopped;
      silent.terminate();
    });
  });
});
