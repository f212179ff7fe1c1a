import { describe, expect, it } from '@jest/globals';
import { type DynamicModule, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { devChain } from '../../../test/support/chain-builder/index.js';
import { FakeNetwork, peerId } from '../../../test/support/fake-network.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { openChain } from '../../../test/support/open-chain.js';
import { aSigned } from '../../../test/support/signed-transactions.js';
import { CLOCK } from '../../common/clock.js';
import { LOGGER, SilentLogger } from '../../common/logger.port.js';
import { METRICS, NoMetrics } from '../../common/metrics.port.js';
import { CHAIN } from '../blockchain/index.js';
import { TOPICS } from '../network/index.js';
import { TXPOOL, type TxPool } from './ports/txpool.port.js';
import { txpoolConfigSchema } from './txpool.config.js';
import { TxPoolModule } from './txpool.module.js';

@Module({})
class Fakes {}

const fakes = (values: [symbol, unknown][]): DynamicModule => ({
  module: Fakes,
  global: true,
  providers: values.map(([provide, useValue]) => ({ provide, useValue })),
  exports: values.map(([provide]) => provide),
});

describe(TxPoolModule.name, () => {
  it('takes, gossips and forgets, from start to shutdown', async () => {
    const clock = new ManualClock();
    const network = new FakeNetwork(clock);
    const { config: setup } = devChain();
    const chain = await openChain(setup);
    const others = fakes([
      [CLOCK, clock],
      [LOGGER, new SilentLogger()],
      [METRICS, new NoMetrics()],
      [TOPICS, network],
      [CHAIN, chain],
    ]);
    const config = txpoolConfigSchema.parse({});
    const module = await Test.createTestingModule({
      imports: [TxPoolModule.forRoot({ config, setup, imports: [others] })],
    }).compile();
    await module.init();
    const pool = module.get<TxPool>(TXPOOL, { strict: false });
    await pool.add(aSigned().raw, 'rpc');
    expect([pool.size(), network.published.length, clock.pendingTimers]).toEqual([1, 1, 1]);
    await module.close();
    expect(network.gossip(peerId('a'), Uint8Array.of(0xff))).toBe('ignore');
    expect(clock.pendingTimers).toBe(0);
    await chain.close();
  });
});
