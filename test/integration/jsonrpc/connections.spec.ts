import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { JsonRpcConfig } from '../../../src/modules/jsonrpc/jsonrpc.config.js';
import { eventually } from '../../support/eventually.js';
import { FakeChain } from '../../support/fake-chain.js';
import { JsonRpcUnderTest } from '../../support/jsonrpc-under-test.js';
import { rawConnection, textUntilClosed } from '../../support/raw-connection.js';

const CALL = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';

describe('connections to JSON-RPC', () => {
  const started: JsonRpcUnderTest[] = [];
  let rpc: JsonRpcUnderTest;

  async function start(config: Partial<JsonRpcConfig> = {}): Promise<JsonRpcUnderTest> {
    const under = await JsonRpcUnderTest.start({ chain: new FakeChain(0), config });
    started.push(under);
    return under;
  }

  beforeAll(async () => {
    rpc = await start();
  });
  afterAll(async () => {
    for (const under of started) await under.stop();
  });

  const stillAnswers = async () => expect(await rpc.call('eth_chainId')).toBe('0x1005');

  async function open(to: JsonRpcUnderTest): Promise<WebSocket> {
    const socket = new WebSocket(to.webSocketUrl);
    await once(socket, 'open');
    return socket;
  }

  const closed = async (socket: WebSocket) => {
    socket.on('error', () => {});
    const [code] = (await once(socket, 'close')) as [number];
    return code;
  };

  const statusOf = async (socket: Socket) =>
    (/^HTTP\/1\.1 (\d+)/.exec(await textUntilClosed(socket)) ?? [])[1];

  async function statusOfPost(to: JsonRpcUnderTest, localAddress: string): Promise<string | undefined> {
    const socket = await rawConnection(to.port, localAddress);
    const head = `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n`;
    socket.write(`${head}content-length: ${CALL.length}\r\n\r\n${CALL}`);
    return statusOf(socket);
  }

  it('bodies of one address that do not end leave room for others', async () => {
    const counting = await start({ loopback: 'count' });
    const stalled: Socket[] = [];
    // A quarter of 64 MiB, to the byte.
    for (const bytes of [...Array.from({ length: 16 }, () => 1_048_575), 16]) {
      const socket = await rawConnection(counting.port);
      socket.on('error', () => {});
      socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n');
      socket.write(`content-length: 1048576\r\n\r\n${'x'.repeat(bytes)}`);
      stalled.push(socket);
    }
    await eventually(async () => (await statusOfPost(counting, '127.0.0.1')) === '503');
    expect(await statusOfPost(counting, '127.0.0.2')).toBe('200');
    for (const socket of stalled) socket.destroy();
    await eventually(async () => (await statusOfPost(counting, '127.0.0.1')) === '200');
  });

  it('connections of one address leave room for others', async () => {
    const counting = await start({ loopback: 'count', maxConnections: 8 });
    const open = [await rawConnection(counting.port), await rawConnection(counting.port)];
    expect(await statusOf(await rawConnection(counting.port))).toBe('503');
    expect(await statusOfPost(counting, '127.0.0.2')).toBe('200');
    for (const socket of open) socket.destroy();
    await eventually(async () => (await statusOfPost(counting, '127.0.0.1')) === '200');
  });

  const UPGRADE = 'connection: Upgrade, HTTP2-Settings\r\nhttp2-settings: AAMAAABkAAQ\r\nupgrade: h2c\r\n';

  it.each([
    {
      name: 'GET',
      lines: `GET / HTTP/1.1\r\nhost: localhost\r\n${UPGRADE}\r\n`,
      rest: '',
      says: '"chain_id":4101',
    },
    {
      name: 'POST',
      lines: `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${CALL.length}\r\n${UPGRADE}\r\n${CALL.slice(0, 9)}`,
      rest: CALL.slice(9),
      says: '"result":"0x1005"',
    },
    {
      name: 'a foreign host',
      lines: `GET / HTTP/1.1\r\nhost: evil.example\r\n${UPGRADE}\r\n`,
      rest: '',
      says: '403 Forbidden',
    },
  ])('an offer of HTTP/2 is passed over: $name', async ({ lines, rest, says }) => {
    const socket = await rawConnection(rpc.port);
    socket.write(lines);
    socket.write(rest);
    expect(await textUntilClosed(socket)).toContain(says);
  });

  it('nothing more is taken on a connection behind an offer of HTTP/2', async () => {
    const socket = await rawConnection(rpc.port);
    const offer = `GET / HTTP/1.1\r\nhost: localhost\r\n${UPGRADE}\r\n`;
    socket.write(offer.repeat(3));
    expect(await textUntilClosed(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n(?!.*HTTP)/s);
    await stillAnswers();
  });

  it.each([
    { name: 'no key', lines: 'sec-websocket-version: 13' },
    {
      name: 'another version',
      lines: 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 9',
    },
  ])('a handshake with $name is answered with 400', async ({ lines }) => {
    const socket = await rawConnection(rpc.port);
    socket.write(
      `GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n${lines}\r\n\r\n`,
    );
    expect(await statusOf(socket)).toBe('400');
    await stillAnswers();
  });

  it('parts of messages that do not end are held within the share of their address', async () => {
    const counting = await start({ loopback: 'count', websocketMessageBytes: 1_048_576 });
    const senders = await Promise.all(Array.from({ length: 20 }, () => open(counting)));
    const cut = Promise.race(senders.map(closed));
    for (const socket of senders) {
      socket.send('x'.repeat(1_000_000), { fin: false });
      socket.ping();
    }
    expect(await cut).toBe(1_006);
    for (const socket of senders) socket.terminate();
    await eventually(async () => (await statusOfPost(counting, '127.0.0.1')) === '200');
  });
});
