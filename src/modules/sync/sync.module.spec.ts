import { setImmediate as settle } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type DynamicModule, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { FakeChain } from '../../../test/support/fake-chain.js';
import { encodeStatus, FakeNetwork, peerId } from '../../../test/support/fake-network.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { honestPeer } from '../../../test/support/peer-scripts.js';
import { CLOCK } from '../../common/clock.js';
import { LOGGER, SilentLogger } from '../../common/logger.port.js';
import { METRICS, NoMetrics } from '../../common/metrics.port.js';
import { RANDOM, SystemRandom } from '../../common/random.js';
import { CHAIN, CHAIN_WRITER } from '../blockchain/index.js';
import { PEER_PROTOCOLS, PEERS, TOPICS } from '../network/index.js';
import { SYNC, type Sync } from './ports/sync.port.js';
import { syncConfigSchema } from './sync.config.js';
import { SyncModule } from './sync.module.js';
import { SyncPeerController } from './sync-peer.controller.js';

@Module({})
class Fakes {}

const fakes = (values: [symbol, unknown][]): DynamicModule => ({
  module: Fakes,
  global: true,
  providers: values.map(([provide, useValue]) => ({ provide, useValue })),
  exports: values.map(([provide]) => provide),
});

describe(SyncModule.name, () => {
  it('syncs, serves and gossips from start to shutdown', async () => {
    const clock = new ManualClock();
    const network = new FakeNetwork(clock);
    const chain = new FakeChain(3);
    const others = fakes([
      [CLOCK, clock],
      [RANDOM, new SystemRandom()],
      [LOGGER, new SilentLogger()],
      [METRICS, new NoMetrics()],
      [PEERS, network],
      [TOPICS, network],
      [PEER_PROTOCOLS, network],
      [CHAIN, chain],
      [CHAIN_WRITER, chain],
    ]);
    const config = syncConfigSchema.parse({});
    const setup = {
      protocol: '/syncer/0.2',
      maxBlockBytes: 4_194_304,
      blockStreamsPerPeer: 4,
      blockBytesInFlight: 64 * 1_024 * 1_024,
    };
    const module = await Test.createTestingModule({
      imports: [SyncModule.forRoot({ config, setup, imports: [others] })],
    }).compile();
    await module.init();
    network.connect(
      peerId('2g'),
      honestPeer(() => 9),
    );
    network.connect(
      peerId('2h'),
      honestPeer(() => 9),
    );
    await settle();
    expect(module.get<Sync>(SYNC).progress()).toMatchObject({ state: 'idle', currentHeight: 9 });
    expect(module.get(SyncPeerController).getStatus()).toEqual({ number: 9n });
    clock.advance(config.publishIntervalMs);
    expect(network.published.at(-1)?.data).toEqual(encodeStatus(9n));
    await module.close();
    expect(module.get<Sync>(SYNC).progress().state).toBe('stopped');
    expect(clock.pendingTimers).toBe(0);
  });
});
