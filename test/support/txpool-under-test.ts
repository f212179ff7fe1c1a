import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import type { ChainService } from '../../src/modules/blockchain/chain/chain.service.js';
import { type ChainConfig, parseGenesis } from '../../src/modules/blockchain/index.js';
import { HeadRulesService } from '../../src/modules/txpool/check/head-rules.service.js';
import { BlockFollowerService } from '../../src/modules/txpool/follow/block-follower.service.js';
import { GossipIntakeService } from '../../src/modules/txpool/gossip/gossip-intake.service.js';
import { HandoverService } from '../../src/modules/txpool/handover/handover.service.js';
import type { TxPoolEvent } from '../../src/modules/txpool/index.js';
import { PendingPool } from '../../src/modules/txpool/pool/pending-pool.js';
import { type TxPoolConfig, txpoolConfigSchema } from '../../src/modules/txpool/txpool.config.js';
import type { TxPoolMetrics } from '../../src/modules/txpool/txpool.metrics.js';
import { createTxPoolMetrics } from '../../src/modules/txpool/txpool.metrics.js';
import { TxPoolService } from '../../src/modules/txpool/txpool.service.js';
import { devChain } from './chain-builder/index.js';
import { FakeNetwork } from './fake-network.js';
import { ManualClock } from './manual-clock.js';
import { openChain } from './open-chain.js';

export interface TxPoolUnderTestOptions {
  readonly config?: Partial<TxPoolConfig>;
  /** Text of genesis.json; that of a `dev` chain unless told. */
  readonly genesis?: string;
  readonly metrics?: TxPoolMetrics;
  /** Wall time of the clock; the second after genesis unless told, so that blocks are recent. */
  readonly nowMs?: number;
}

/** The pool on a real chain in memory and a network that a test plays. */
export class TxPoolUnderTest {
  readonly events: TxPoolEvent[] = [];

  private constructor(
    readonly chain: ChainService,
    readonly network: FakeNetwork,
    readonly clock: ManualClock,
    readonly pool: PendingPool,
    readonly sut: TxPoolService,
    private readonly parts: readonly (Partial<OnApplicationBootstrap> & BeforeApplicationShutdown)[],
  ) {
    sut.events$.subscribe((event) => this.events.push(event));
  }

  static async start(options: TxPoolUnderTestOptions = {}): Promise<TxPoolUnderTest> {
    const { genesis = devChain().genesisText, nowMs = 1_000 } = options;
    const { metrics = createTxPoolMetrics(new NoMetrics()) } = options;
    const config = txpoolConfigSchema.parse({ ...options.config });
    const setup: ChainConfig = parseGenesis(genesis);
    const clock = new ManualClock(nowMs);
    const chain = await openChain(setup, { finality: 'reference' });
    const network = new FakeNetwork(clock);
    const log = new SilentLogger();
    const pool = new PendingPool(config, clock, metrics);
    const rules = new HeadRulesService(chain, setup, log);
    const follower = new BlockFollowerService(chain, pool, rules, config, setup, clock, log);
    const intake = new GossipIntakeService(pool, rules, network, config, metrics, clock);
    const handover = new HandoverService(pool, network, config, metrics, clock, log);
    const sut = new TxPoolService(pool, rules, handover, config, metrics);
    const parts = [pool, rules, follower, intake, handover];
    const started = new TxPoolUnderTest(chain, network, clock, pool, sut, parts);
    for (const part of started.parts) part.onApplicationBootstrap?.();
    await rules.current();
    return started;
  }

  /** What happened, in short: `added 0x…`. */
  told(): string[] {
    return this.events.map(({ type, hash, ...rest }) =>
      [type.replace('txpool:', ''), hash, ...('reason' in rest ? [rest.reason] : [])].join(' '),
    );
  }

  async stop(): Promise<void> {
    for (const part of this.parts) part.beforeApplicationShutdown();
    await this.chain.close();
  }
}
