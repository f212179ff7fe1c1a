import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { open } from '../../../../../test/contract/host-fleet.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { aHostContext, type HostContextOptions } from '../../../../../test/support/host-context.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import type { Host } from '../../ports/host.port.js';
import { createLibp2pHost } from './libp2p-host.js';

const LISTEN = { websocket: { listen: '/ip4/127.0.0.1/tcp/0/ws' } };
const ECHO = '/echo/1';

const webSocketOf = (host: Host) => host.addresses().find((address) => address.endsWith('/ws')) ?? '';
const portOf = (host: Host) => Number(webSocketOf(host).split('/')[4]);

describe('WebSockets', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const started = async (n: number, options: HostContextOptions = {}) => {
    const host = await createLibp2pHost(aHostContext(n, options));
    cleanups.push(() => host.stop());
    await host.start();
    return host;
  };
  const dial = (from: Host, to: Host, transport = webSocketOf(to)) =>
    from.dial({ peerId: to.peerId, transport }, { signal: new AbortController().signal, timeoutMs: 5_000 });
  const socketTo = (host: Host) => {
    const socket = connect(portOf(host), '127.0.0.1');
    cleanups.push(() => socket.destroy());
    let isClosed = false;
    socket
      .on('error', () => {})
      .once('close', () => {
        isClosed = true;
      });
    return { socket, isClosed: () => isClosed };
  };
  /** Upgraded, and silent. */
  const webSocketTo = async (host: Host) => {
    const ws = new WebSocket(`ws://127.0.0.1:${portOf(host)}/any/path`, { origin: 'https://example.org' });
    ws.on('error', () => {});
    cleanups.push(() => ws.terminate());
    await new Promise((resolve) => ws.once('open', resolve));
    return ws;
  };
  const closed = (ws: WebSocket) => eventually(() => ws.readyState === WebSocket.CLOSED);

  it('are off unless they are asked for', async () => {
    const [a, b] = [await started(1), await started(2, { config: LISTEN })];
    expect(a.addresses().filter((address) => address.endsWith('/ws'))).toEqual([]);
    await expect(dial(a, b)).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
  });

  it('carry connections that know where they come from, beside TCP', async () => {
    const [a, b] = [
      await started(1, { config: { websocket: { dial: true } } }),
      await started(2, { config: LISTEN }),
    ];
    expect(b.addresses()).toHaveLength(2);
    expect(await dial(a, b)).toMatchObject({ remote: webSocketOf(b), direction: 'outbound' });
    await eventually(() => b.connections().length === 1);
    expect(b.connections()[0]?.remote).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws$/);
    const c = await started(3);
    await dial(c, b, b.addresses()[0]);
    await a.disconnect(b.peerId);
    await eventually(() => b.connections().length === 1);
  });

  it('carry 8 MiB both ways, and make a writer wait whose reader does not read', async () => {
    const [a, b] = [
      await started(1, { config: { websocket: { dial: true } } }),
      await started(2, { config: LISTEN }),
    ];
    let stalled: Duplex | undefined;
    b.handle(ECHO, (stream) => void stream.pipe(stream));
    b.handle('/stall/1', (stream) => {
      stalled = stream;
    });
    await dial(a, b);
    const stream = await open(a, b.peerId, ECHO);
    const sent = Buffer.alloc(8 * 1024 * 1024, 'edge');
    const received: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => received.push(chunk));
    stream.end(sent);
    await new Promise((resolve) => stream.once('end', resolve));
    expect(Buffer.concat(received).equals(sent)).toBe(true);

    const other = await open(a, b.peerId, '/stall/1');
    other.on('error', () => {});
    other.write(sent);
    await eventually(() => stalled !== undefined);
    expect(other.writableLength).toBeGreaterThan(0);
  });

  it.each([
    { name: 'nothing', sent: '' },
    { name: 'half a request', sent: 'GET / HTTP/1.1\r\nHost: x\r\n' },
  ])('let go of who sends $name', async ({ sent }) => {
    const clock = new ManualClock();
    const host = await started(1, { config: LISTEN, clock });
    const before = clock.pendingTimers;
    const { socket, isClosed } = socketTo(host);
    socket.write(sent);
    await eventually(() => clock.pendingTimers === before + 1);
    clock.advance(9_999);
    expect(isClosed()).toBe(false);
    clock.advance(1);
    await eventually(isClosed);
    expect(clock.pendingTimers).toBe(before);
  });

  it('answer a page with what they are for', async () => {
    const host = await started(1, { config: LISTEN });
    const response = await fetch(`http://127.0.0.1:${portOf(host)}/`);
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
  });

  it.each([
    { name: 'text', send: (ws: WebSocket) => ws.send('hello') },
    { name: 'a message that is too large', send: (ws: WebSocket) => ws.send(Buffer.alloc(1024 * 1024 + 1)) },
    {
      name: 'a flood of pings',
      send: (ws: WebSocket) => {
        for (let n = 0; n < 100; n += 1) ws.ping('x');
      },
    },
    { name: 'no multistream', send: (ws: WebSocket) => ws.send(Buffer.alloc(200, 'x')) },
  ])('end with who sends $name', async ({ send }) => {
    const host = await started(1, { config: LISTEN });
    const ws = await webSocketTo(host);
    send(ws);
    await closed(ws);
  });

  it('answer a ping', async () => {
    const ws = await webSocketTo(await started(1, { config: LISTEN }));
    const pong = new Promise<Buffer>((resolve) => ws.once('pong', resolve));
    ws.ping('x');
    expect((await pong).toString()).toBe('x');
  });

  it('count those who wait for their upgrade among the handshakes: the oldest gives way, and a peer gets in', async () => {
    const host = await started(2, { config: { ...LISTEN, limits: { pendingHandshakes: 4 } } });
    const hanging: { socket: Socket; isClosed(): boolean }[] = Array.from({ length: 20 }, () =>
      socketTo(host),
    );
    const upgraded = [await webSocketTo(host), await webSocketTo(host)];
    await eventually(() => hanging.filter(({ isClosed }) => isClosed()).length >= 18);
    const peer = await started(1, { config: { websocket: { dial: true } } });
    await dial(peer, host);
    expect(upgraded.length).toBe(2);
  });

  it('take so many from one address', async () => {
    const limits = { loopback: 'count', acceptBurst: 2, acceptsPerSecond: 0.1 };
    const host = await started(1, { config: { ...LISTEN, limits } });
    const two = [await webSocketTo(host), await webSocketTo(host)];
    const third = socketTo(host);
    await eventually(third.isClosed);
    expect(two.map(({ readyState }) => readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  });

  it('turn a banned address away before it says anything', async () => {
    const host = await started(1, { config: LISTEN, isRefused: (remote) => remote.startsWith('/ip4/127.') });
    await eventually(socketTo(host).isClosed);
  });

  it('leave nothing behind when the host stops', async () => {
    const host = await started(1, { config: LISTEN });
    const [half, whole] = [socketTo(host), await webSocketTo(host)];
    await host.stop();
    await eventually(half.isClosed);
    await closed(whole);
  });

  it.each([
    { listen: '/ip4/127.0.0.1/tcp/0' },
    { listen: '/dns4/localhost/tcp/0/ws' },
    { listen: '/ip4/127.0.0.1/tcp/65536/ws' },
    { announce: '/dns4/node.example.org/tcp/443' },
  ])('refuse a setting that cannot be: %j', async (websocket) => {
    await expect(createLibp2pHost(aHostContext(1, { config: { websocket } }))).rejects.toMatchObject({
      code: 'NETWORK.BAD_ADDRESS',
    });
  });

  it('are announced as the operator says, or like TCP', async () => {
    const announce = '/dns4/node.example.org/tcp/443/wss';
    const proxied = await started(1, { config: { websocket: { ...LISTEN.websocket, announce } } });
    expect(proxied.addresses()[1]).toMatch(/^\/dns4\/node\.example\.org\/tcp\/443\/(wss|tls\/ws)$/);
    const natted = await started(2, { config: { ...LISTEN, natAddress: '203.0.113.7' } });
    expect(natted.addresses().map((address) => address.replace(/\d+(\/ws)?$/, '…$1'))).toEqual([
      '/ip4/203.0.113.7/tcp/…',
      '/ip4/203.0.113.7/tcp/…/ws',
    ]);
  });
});
