import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/support/eventually.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { RequestLines } from './request-lines.js';

describe(RequestLines.name, () => {
  let clock: ManualClock;
  let sut: RequestLines;
  let server: Server;
  let accepted: Socket;
  let client: Socket;
  /** Those whose turn has come, in order. */
  let begun: { url: string | undefined; response: ServerResponse }[];

  beforeEach(async () => {
    clock = new ManualClock();
    sut = new RequestLines(clock);
    begun = [];
    server = createServer((request, response) =>
      sut.add(request, response, () => begun.push({ url: request.url, response })),
    );
    server.on('connection', (socket) => {
      accepted = socket;
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined).resume();
    await once(server, 'connection');
  });

  afterEach(() => {
    client.destroy();
    server.close();
  });

  const ask = (...paths: string[]) =>
    client.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''));
  const urls = () => begun.map(({ url }) => url);
  const answer = (at: number) => begun[at]?.response.end();

  it('gives each its turn when the one before is answered', async () => {
    ask('/1', '/2', '/3');
    await eventually(() => begun.length === 1);
    expect(sut.isIdle(accepted)).toBe(false);
    answer(0);
    await eventually(() => begun.length === 2);
    answer(1);
    await eventually(() => begun.length === 3);
    answer(2);
    await eventually(() => sut.isIdle(accepted));
    expect(urls()).toEqual(['/1', '/2', '/3']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('begins none for a client that has gone', async () => {
    ask('/1', '/2', '/3');
    await eventually(() => begun.length === 1);
    client.destroy();
    await eventually(() => accepted.closed && sut.isIdle(accepted));
    expect(urls()).toEqual(['/1']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes eight that wait, and ends the connection with the ninth', async () => {
    ask(...Array.from({ length: 9 }, (_, at) => `/${at}`));
    await eventually(() => begun.length === 1);
    expect(accepted.destroyed).toBe(false);
    ask('/9');
    await eventually(() => accepted.closed);
    expect(begun).toHaveLength(1);
  });

  it('lets each wait for ten seconds from when it is next', async () => {
    ask('/1', '/2', '/3');
    await eventually(() => begun.length === 1);
    clock.advance(9_999);
    answer(0);
    await eventually(() => begun.length === 2);
    clock.advance(9_999);
    expect(accepted.destroyed).toBe(false);
    clock.advance(1);
    await eventually(() => accepted.closed);
  });

  it('lets one that nobody waits for take as long as it likes', async () => {
    ask('/1');
    await eventually(() => begun.length === 1);
    clock.advance(3_600_000);
    expect(accepted.destroyed).toBe(false);
    answer(0);
    await eventually(() => sut.isIdle(accepted));
  });
});
