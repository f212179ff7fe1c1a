import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import { Dispatcher } from '../calls/dispatcher.js';
import { holderOf, Load } from '../calls/load.js';
import type { Method } from '../calls/method.js';
import { createJsonRpcMetrics } from '../jsonrpc.metrics.js';
import { HttpHandler } from './http-handler.js';

/** More than the system takes off our hands at once. */
const REPLY_BYTES = 16 * 1_048_576;

describe(HttpHandler.name, () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  async function serving(methods: Record<string, Method>) {
    const [log, clock, metrics] = [
      new RecordingLogger(),
      new ManualClock(),
      createJsonRpcMetrics(new NoMetrics()),
    ];
    const load = new Load({ maxRequests: 10, maxBytes: 2 * REPLY_BYTES });
    const table = new Map(Object.entries(methods));
    const dispatcher = new Dispatcher({ methods: table, batchLimit: 10, clock, metrics, log });
    const web = { allowedHosts: [], allowedOrigins: [] };
    const options = { web, dispatcher, load, holderOf: holderOf('exempt'), clock, metrics, log };
    const handler = new HttpHandler({ ...options, about: {} });
    const server = createServer((request, response) => handler.handle(request, response));
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const post = (body: string) => {
      const headers = { 'content-type': 'application/json' };
      const sent = httpRequest({ host: '127.0.0.1', port, method: 'POST', headers, agent: false });
      sent.on('error', () => {});
      sent.end(body);
      return sent;
    };
    return { load, clock, server, post };
  }

  const countOf = (server: Server) =>
    new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));

  it('holds nothing for a client that hung up while its reply was made', async () => {
    const finish: (() => void)[] = [];
    const large = () => new Promise<string>((resolve) => finish.push(() => resolve('x'.repeat(REPLY_BYTES))));
    const { load, server, post } = await serving({ large });
    const clients = [1, 2, 3].map((id) => post(`{"id":${id},"method":"large"}`));
    await eventually(() => finish.length === 3);
    for (const client of clients) client.destroy();
    await eventually(async () => (await countOf(server)) === 0);
    for (const end of finish) end();
    await eventually(() => load.heldRequests === 0);
    expect(load).toMatchObject({ heldRequests: 0, heldBytes: 0 });
  });

  it('holds a reply until the client has it', async () => {
    const { load, post } = await serving({ large: () => 'x'.repeat(REPLY_BYTES) });
    const client = post('{"id":1,"method":"large"}');
    const [response] = await once(client, 'response');
    expect(load.heldBytes).toBeGreaterThan(REPLY_BYTES);
    response.resume();
    await once(response, 'end');
    await eventually(() => load.heldBytes === 0);
  });

  it('cuts who does not read its reply in time, however little it reads now and then', async () => {
    const { load, clock, post } = await serving({ large: () => 'x'.repeat(REPLY_BYTES) });
    const client = post('{"id":1,"method":"large"}');
    const [response] = await once(client, 'response');
    clock.advance(29_999);
    expect(load.heldBytes).toBeGreaterThan(REPLY_BYTES);
    clock.advance(1);
    await eventually(() => load.heldBytes === 0);
    expect(clock.pendingTimers).toBe(0);
    response.on('error', () => {}).resume();
    await eventually(() => response.destroyed);
    expect(response.complete).toBe(false);
  });
});
