import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { hostContract } from '../../../../../test/contract/host.contract.js';
import { addressOf } from '../../../../../test/contract/host-fleet.js';
import { eventually, settled } from '../../../../../test/support/eventually.js';
import { aHostContext, type HostContextOptions } from '../../../../../test/support/host-context.js';
import { ManualClock } from '../../../../../test/support/manual-clock.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import { type Clock, SystemClock } from '../../../../common/clock.js';
import type { Host } from '../../ports/host.port.js';
import { createLibp2pHost } from './libp2p-host.js';

const hostOf = (n: number, config: object = {}, clock: Clock = new SystemClock()) =>
  createLibp2pHost(aHostContext(n, { config, clock }));
const portOf = (address: string | undefined) => Number(address?.split('/').at(-1));

/** A TCP server that takes connections and never writes. */
async function silentServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { transport: `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`, close };
}

hostContract('Libp2pHost', async () => {
  let made = 0;
  const closers: (() => Promise<void>)[] = [];
  const create = (options: HostContextOptions = {}) => {
    made += 1;
    return createLibp2pHost(aHostContext(made, options));
  };
  return {
    create: (isRefused = () => false) => create({ isRefused }),
    createAtSamePlace: (host) => create({ config: { listenPort: portOf(host.addresses()[0]) } }),
    refusingTransport: async () => {
      const server = await silentServer();
      await server.close();
      return server.transport;
    },
    silentTransport: async () => {
      const server = await silentServer();
      closers.push(server.close);
      return server.transport;
    },
    close: async () => {
      await Promise.all(closers.map((close) => close()));
    },
  };
});

describe('Libp2pHost', () => {
  const hosts: Host[] = [];
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.stop()));
  });
  const started = async (n: number, config: object = {}, clock: Clock = new SystemClock()) => {
    const host = await hostOf(n, config, clock);
    hosts.push(host);
    await host.start();
    return host;
  };
  const dial = (from: Host, to: Host, transport = addressOf(to).transport) =>
    from.dial({ peerId: to.peerId, transport }, { signal: new AbortController().signal, timeoutMs: 5_000 });

  it('refuses a setup that cannot work before it opens anything', async () => {
    const codeOf = (making: Promise<Host>) => making.catch(({ code }) => code);
    expect(await codeOf(hostOf(1, { listenHost: 'localhost' }))).toBe('NETWORK.LISTEN_FAILED');
    expect(await codeOf(hostOf(1, { natAddress: 'not-an-ip' }))).toBe('NETWORK.BAD_ADDRESS');
    expect(await codeOf(hostOf(0))).toBe('NETWORK.SETUP_INVALID');
  });

  it('has the peer ID of its key and says what it is', async () => {
    const [a, b] = [await started(1), await started(2)];
    expect(a.peerId).toBe(testPeerId(1));
    await dial(a, b);
    await eventually(() => b.peerInfo(a.peerId).agent === 'edgekeeper/test');
    expect(b.peerInfo(a.peerId).protocols).toEqual(
      expect.arrayContaining(['/meshsub/1.1.0', '/meshsub/1.0.0', '/floodsub/1.0.0', '/ipfs/ping/1.0.0']),
    );
  });

  it('names the reason when its port is taken', async () => {
    const first = await started(1);
    const second = await hostOf(2, { listenPort: portOf(first.addresses()[0]) });
    await expect(second.start()).rejects.toMatchObject({
      code: 'NETWORK.LISTEN_FAILED',
      detail: { address: first.addresses()[0], reason: expect.stringMatching(/^EADDRINUSE/) },
    });
  });

  it('listens on and dials IPv6', async () => {
    const [a, b] = [await started(1), await started(2, { listenHost: '::1' })];
    expect(b.addresses()[0]).toMatch(/^\/ip6\/::1\/tcp\/\d+$/);
    expect((await dial(a, b)).remote).toBe(b.addresses()[0]);
  });

  it.each([
    [{ natAddress: '203.0.113.7' }, '/ip4/203.0.113.7/tcp/'],
    [{ natAddress: '2001:db8::7' }, '/ip6/2001:db8::7/tcp/'],
    [{ dnsAddress: 'dns4/node.example.org' }, '/dns4/node.example.org/tcp/'],
  ])('announces %j in place of where it listens', async (config, prefix) => {
    const [a, b] = [await started(1), await started(2, config)];
    const [announced] = b.addresses();
    expect(b.addresses()).toHaveLength(1);
    expect(announced?.startsWith(prefix)).toBe(true);
    await dial(a, b, `/ip4/127.0.0.1/tcp/${portOf(announced)}`);
    await eventually(() => a.peerInfo(b.peerId).addresses.length > 0);
    expect(a.peerInfo(b.peerId).addresses).toEqual([announced]);
  });

  it('announces every address of the machine when it listens on all', async () => {
    const host = await started(1, { listenHost: '0.0.0.0' });
    expect(host.addresses().some((address) => address.startsWith('/ip4/127.0.0.1/tcp/'))).toBe(true);
    expect(host.addresses().every((address) => !address.includes('/0.0.0.0/'))).toBe(true);
  });

  it('serves an honest peer while hundreds of connections hang before their handshake', async () => {
    const [a, b] = [await started(1), await started(2)];
    const closed: Socket[] = [];
    const sockets = Array.from({ length: 300 }, () => {
      const socket = connect(portOf(b.addresses()[0]), '127.0.0.1');
      socket.on('error', () => {}).on('close', () => closed.push(socket));
      return socket;
    });
    await eventually(() => closed.length >= 300 - 64);
    await dial(a, b);
    expect(closed.length).toBeLessThanOrEqual(300 - 64 + 1);
    for (const socket of sockets) socket.destroy();
  });

  it('hears no more of a neighbour that keeps sending what is rejected', async () => {
    const [a, b] = [await started(1), await started(2)];
    let heard = 0;
    a.subscribe('t', () => 'accept');
    b.subscribe('t', () => {
      heard += 1;
      return 'reject';
    });
    await dial(a, b);
    await eventually(async () => {
      await a.publish('t', Buffer.from('x'));
      return heard > 0;
    });
    const heardOfTwentyMore = async () => {
      const before = heard;
      for (let n = 0; n < 20; n += 1) await a.publish('t', Buffer.from('x'));
      return (await settled(() => heard)) - before;
    };
    // Those that come in one frame are judged together: how many are heard until then is up to the socket.
    await eventually(async () => (await heardOfTwentyMore()) === 0, { timeoutMs: 20_000 });
    expect(await heardOfTwentyMore()).toBe(0);
  });

  it('forgets a peer some time after it left, unless it came back', async () => {
    const clock = new ManualClock();
    const [a, b] = [await started(1, {}, clock), await started(2)];
    await dial(a, b);
    const before = clock.pendingTimers;
    await a.disconnect(b.peerId);
    expect(clock.pendingTimers).toBe(before + 1);
    await dial(a, b);
    expect(clock.pendingTimers).toBe(before);
    await a.disconnect(b.peerId);
    clock.advance(30_000);
    expect(clock.pendingTimers).toBe(before);
    await a.disconnect(b.peerId);
    await a.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});
