import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { addressOf, dial, open } from '../../../../../test/contract/host-fleet.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { aHostContext } from '../../../../../test/support/host-context.js';
import { peerLimits } from '../../../../../test/support/peer-limits.js';
import { SystemClock } from '../../../../common/clock.js';
import type { Host } from '../../ports/host.port.js';
import { createLibp2pHost } from './libp2p-host.js';

const SYNC = '/syncer/0.2';

describe('Libp2pHost limits', () => {
  const hosts: Host[] = [];
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.stop()));
  });
  const started = async (n: number, limits: object = {}) => {
    const { ledger, refused } = peerLimits(new SystemClock(), limits);
    const host = await createLibp2pHost(aHostContext(n, { ledger, config: { limits } }));
    hosts.push(host);
    await host.start();
    return { host, ledger, refused };
  };

  it('resets the streams of a peer that holds too many open, and keeps the connection', async () => {
    const { host: a } = await started(1);
    const { host: b, ledger } = await started(2, { streamsPerProtocol: 2 });
    b.handle(SYNC, (stream) => stream.resume());
    await dial(a, addressOf(b));
    const streams = await Promise.all(Array.from({ length: 6 }, () => open(a, b.peerId, SYNC)));
    for (const stream of streams) stream.resume();
    await eventually(() => streams.filter(({ destroyed }) => destroyed).length === 2);
    expect(ledger.usage().total.streams).toBe(4);
    expect(a.connections()).toHaveLength(1);
  });

  it('charges a peer for what it sent and nobody reads, and counts its bytes', async () => {
    const { host: a } = await started(1);
    const { host: b, ledger, refused } = await started(2, { memoryBytesPerPeer: 100_000 });
    const inbound = new Promise<Duplex>((resolve) => b.handle(SYNC, (stream) => resolve(stream)));
    await dial(a, addressOf(b));
    const stream = await open(a, b.peerId, SYNC);
    stream.write(Buffer.alloc(90_000));
    const unread = await inbound;
    await eventually(() => ledger.usage().peers.get(a.peerId)?.memory === 90_000);
    expect(ledger.usage().total.receivedBytes).toBeGreaterThan(90_000);
    unread.on('data', () => {});
    await eventually(() => ledger.usage().total.memory === 0);
    expect(ledger.usage().protocols.get(SYNC)?.receivedBytes).toBe(90_000);
    unread.pause();
    stream.write(Buffer.alloc(200_000));
    await eventually(() => unread.destroyed);
    expect(refused).toEqual(['NETWORK.LIMIT_REACHED']);
    await b.disconnect(a.peerId);
    await eventually(() => ledger.usage().peers.size === 0);
    expect(ledger.usage().total).toMatchObject({ memory: 0, streams: 0 });
  });
});
