import { describe, expect, it } from '@jest/globals';
import { aPeerId } from '../../../../test/support/network-under-test.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import { networkConfigSchema } from '../network.config.js';
import { createNetworkMetrics } from '../network.metrics.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { NetworkLoadService } from './network-load.service.js';
import { RefusalCounts } from './refusal-counts.js';
import { ResourceLedger } from './resource-ledger.js';

describe(NetworkLoadService.name, () => {
  it('tells what is used, what may be, and what was refused', () => {
    const config = networkConfigSchema.parse({ limits: { streamsPerPeer: 3, streams: 4 } });
    const refusals = new RefusalCounts();
    const metrics = refusals.beside(createNetworkMetrics(new NoMetrics()));
    const ledger = new ResourceLedger({
      limits: config.limits,
      onRefused: ({ resource, scope }) => metrics.limitRefused(resource, scope),
    });
    const limits = { inbound: 32, outbound: 8, reserved: 4, courtesy: 4 };
    const slots = new ConnectionSlots(limits, { isPinned: () => false } as never);
    const sut = new NetworkLoadService(config, ledger, slots, refusals);
    const row = (name: string) => sut.limits().find((each) => each.name === name);
    const reserve = (n: number) =>
      ledger.reserve('streams', 1, { peerId: aPeerId(n), protocol: '/syncer/0.2' as never });
    for (const n of [1, 1, 1, 2]) reserve(n);
    expect(() => reserve(1)).toThrow();
    expect(() => reserve(3)).toThrow();
    metrics.limitRefused('rates', 'peer');
    slots.beginDial(aPeerId(5));
    expect(row('streams')).toEqual({ name: 'streams', used: 4, limit: 4, refused: 1, unit: 'streams' });
    expect(row('streams of a peer')).toMatchObject({ used: 3, limit: 3, refused: 1 });
    expect(row('rates')).toMatchObject({ limit: undefined, refused: 1 });
    expect(row('outbound slots')).toMatchObject({ used: 1, limit: 8 });
    expect(new Set(sut.limits().map(({ name }) => name)).size).toBe(sut.limits().length);
  });
});
