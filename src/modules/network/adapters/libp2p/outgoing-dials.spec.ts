import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { addressOf, dial, record } from '../../../../../test/contract/host-fleet.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { aHostContext, type HostContextOptions } from '../../../../../test/support/host-context.js';
import { testPeerId } from '../../../../../test/support/peer-ids.js';
import type { Host } from '../../ports/host.port.js';
import { createLibp2pHost } from './libp2p-host.js';
import type { NameLookup } from './name-resolution.js';

const portOf = (host: Host) => Number(addressOf(host).transport.split('/').at(-1));

describe('dials of the libp2p host', () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()));
  });

  /** What DNS says; a test changes it as it goes. */
  const records = new Map<string, readonly string[]>();
  const asked: string[] = [];
  const names: NameLookup = {
    addresses: async (name) => told(name),
    texts: async (name) => told(name),
  };
  const told = (name: string) => {
    asked.push(name);
    const answer = records.get(name);
    if (answer === undefined) throw new Error(`ENOTFOUND ${name}`);
    return answer;
  };
  const started = async (key: number, options: HostContextOptions = {}, lookup?: NameLookup) => {
    const host = await createLibp2pHost(aHostContext(key, options), lookup ?? names);
    closers.push(() => host.stop());
    await host.start();
    return host;
  };
  /** Takes connections at 127.0.0.2 and says nothing; nobody else is at that address. */
  const silentAt = async (port: number): Promise<{ port: number; taken: () => number }> => {
    let taken = 0;
    const server: Server = createServer((socket) => {
      taken += 1;
      socket.on('error', () => socket.destroy());
      closers.push(async () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.2', resolve));
    closers.push(async () => server.close());
    return { port: (server.address() as AddressInfo).port, taken: () => taken };
  };
  const byName = (host: Host, name = 'node.test') => ({
    peerId: host.peerId,
    transport: `/dns4/${name}/tcp/${portOf(host)}`,
  });

  it('reach a name at the place where it is now', async () => {
    const [a, b] = [await started(1), await started(2)];
    records.set('node.test', ['127.0.0.1']);
    expect((await dial(a, byName(b))).remote).toBe(addressOf(b).transport);
    await a.disconnect(b.peerId);
    records.set('node.test', ['127.0.0.2']);
    await expect(dial(a, byName(b))).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
    records.set('node.test', ['127.0.0.1']);
    await dial(a, byName(b));
    expect(asked.filter((name) => name === 'node.test')).toHaveLength(3);
  });

  it('go from a place that refuses or says nothing to the next within their time', async () => {
    const [a, b] = [await started(1), await started(2)];
    const silent = await silentAt(portOf(b));
    records.set('node.test', ['127.0.0.3', '127.0.0.2', '127.0.0.1']);
    const connection = await dial(a, byName(b), 900);
    expect(connection.remote).toBe(addressOf(b).transport);
    expect(silent.taken()).toBe(1);
    expect(a.connections()).toHaveLength(1);
  });

  it('pass over refused places, and dial nobody when all are', async () => {
    const isRefused = (remote: string) => remote.startsWith('/ip4/127.0.0.2/');
    const [a, b] = [await started(1, { isRefused }), await started(2)];
    const silent = await silentAt(portOf(b));
    records.set('node.test', ['127.0.0.2']);
    await expect(dial(a, byName(b))).rejects.toMatchObject({ code: 'NETWORK.BANNED' });
    records.set('node.test', ['127.0.0.2', '127.0.0.1']);
    await dial(a, byName(b));
    expect(silent.taken()).toBe(0);
  });

  it('follow /dnsaddr to the entry of the very peer', async () => {
    const [a, b, c] = [await started(1), await started(2), await started(3)];
    records.set('_dnsaddr.boot.test', [
      `dnsaddr=${addressOf(c).transport}/p2p/${c.peerId}`,
      `dnsaddr=${addressOf(b).transport}/p2p/${b.peerId}`,
    ]);
    const connection = await dial(a, { peerId: b.peerId, transport: '/dnsaddr/boot.test' });
    expect(connection.remote).toBe(addressOf(b).transport);
  });

  it('end in time when DNS does not answer, and the next one begins anew', async () => {
    let isSilent = true;
    const slow: NameLookup = {
      ...names,
      addresses: async () => (isSilent ? new Promise(() => {}) : ['127.0.0.1']),
    };
    const [a, b] = [await started(1, {}, slow), await started(2)];
    await expect(dial(a, byName(b), 50)).rejects.toMatchObject({ code: 'NETWORK.DIAL_TIMEOUT' });
    isSilent = false;
    await dial(a, byName(b));
  });

  it('know the names of this machine', async () => {
    const { SYSTEM_LOOKUP } = await import('./name-resolution.js');
    const [a, b] = [await started(1, {}, SYSTEM_LOOKUP), await started(2)];
    expect((await dial(a, byName(b, 'localhost'))).remote).toBe(addressOf(b).transport);
    const other = { peerId: testPeerId(3), transport: `/dns6/localhost/tcp/${portOf(b)}` };
    await expect(dial(a, other)).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
  });

  it('to one peer share one connection', async () => {
    const [a, b] = [await started(1), await started(2)];
    const atB = record(b);
    const made = await Promise.all([1, 2, 3].map(() => dial(a, addressOf(b))));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    await eventually(() => atB.events.length > 0);
    expect(a.connections()).toHaveLength(1);
  });

  it('try again after the dial they waited for failed', async () => {
    const [a, b] = [await started(1), await started(2)];
    const first = dial(a, { peerId: b.peerId, transport: '/ip4/127.0.0.3/tcp/1' });
    const second = dial(a, addressOf(b));
    await expect(first).rejects.toMatchObject({ code: 'NETWORK.DIAL_FAILED' });
    expect((await second).remote).toBe(addressOf(b).transport);
  });

  it('give way to a connection that the peer opens meanwhile', async () => {
    const [a, b] = [await started(1), await started(2)];
    const silent = await silentAt(0);
    const atA = record(a);
    const dialing = dial(a, { peerId: b.peerId, transport: `/ip4/127.0.0.2/tcp/${silent.port}` });
    await eventually(() => silent.taken() === 1);
    await dial(b, addressOf(a));
    expect((await dialing).direction).toBe('inbound');
    expect(atA.events.map(({ type }) => type)).toEqual(['connection:opened']);
    expect(a.connections()).toHaveLength(1);
  });
});
