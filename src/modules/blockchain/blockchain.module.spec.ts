import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { readBackup } from '../../../test/support/fixtures.js';
import { readGenesisText } from '../../../test/support/genesis-texts.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { waitFor } from '../../../test/support/wait-for.js';
import { CLOCK, type Clock } from '../../common/clock.js';
import { LOGGER, SilentLogger } from '../../common/logger.port.js';
import { METRICS, NoMetrics } from '../../common/metrics.port.js';
import { blockchainConfigSchema } from './blockchain.config.js';
import { BlockchainModule, type BlockchainModuleOptions } from './blockchain.module.js';
import { sealKey } from './consensus/ibft/write-seals.js';
import { ibftGenesisFile } from './genesis/ibft-genesis-file.js';
import { parseGenesis } from './genesis/parse-genesis.js';
import { CHAIN, CHAIN_WRITER, type Chain, type ChainWriter } from './ports/chain.port.js';

@Global()
@Module({})
class Surroundings {
  static of(clock: Clock): DynamicModule {
    return {
      module: Surroundings,
      providers: [
        { provide: CLOCK, useValue: clock },
        { provide: LOGGER, useValue: new SilentLogger() },
        { provide: METRICS, useValue: new NoMetrics() },
      ],
      exports: [CLOCK, LOGGER, METRICS],
    };
  }
}

const recorded = parseGenesis(readGenesisText('ibft-ecdsa'));
const { blocks } = readBackup('ibft-ecdsa');
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'edgekeeper-module-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function aModule(
  options: Partial<BlockchainModuleOptions> = {},
  clock: Clock = new ManualClock(),
): Promise<TestingModule> {
  const config = blockchainConfigSchema.parse({});
  const imports = [
    Surroundings.of(clock),
    BlockchainModule.forRoot({ config, chain: recorded, dataDir, validators: [], ...options }),
  ];
  return Test.createTestingModule({ imports }).compile();
}

describe('BlockchainModule', () => {
  it('has an open chain once it is made, and keeps it for the next start', async () => {
    const first = await aModule();
    expect(first.get<Chain>(CHAIN).head()?.number).toBe(0);
    await first.get<ChainWriter>(CHAIN_WRITER).insert(blocks.slice(1, 10), { source: 'sync' });
    await expect(aModule()).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_LOCKED' });
    await first.close();
    const second = await aModule();
    expect(second.get<Chain>(CHAIN).head()?.number).toBe(9);
    await second.close();
  });

  it('leaves no lock behind when the folder holds another chain', async () => {
    const other = parseGenesis(readGenesisText('ibft-bls'));
    await expect(aModule({ chain: other })).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_OTHER_CHAIN' });
    await (await aModule()).close();
  });

  it('seals a chain of its own, and stops before the store closes', async () => {
    const key = sealKey(new Uint8Array(32).fill(7));
    const file = ibftGenesisFile({
      name: 'own',
      chainId: 1,
      validators: [key],
      bootnodes: ['/ip4/127.0.0.1/tcp/10001/p2p/16Uiu2HAmJxxH1tScDX2rLGSU9exnuvZKNM9SoK3v315azp68DLPW'],
      blockTimeMs: 2_000,
      epochSize: 10,
      gasLimit: 5_242_880n,
      premine: [],
    });
    const clock = new ManualClock();
    const config = blockchainConfigSchema.parse({ store: 'memory' });
    const app = await aModule(
      { chain: parseGenesis(JSON.stringify(file)), config, validators: [key] },
      clock,
    );
    await app.init();
    const chain = app.get<Chain>(CHAIN);
    const third = waitFor(chain.head$, ({ number }) => number === 3);
    for (let step = 0; step < 40 && (chain.head()?.number ?? 0) < 3; step++) await clock.advanceAsync(500);
    await third;
    await app.close();
    expect(clock.pendingTimers).toBe(0);
    await expect(chain.rawBlock(0)).rejects.toMatchObject({ code: 'BLOCKCHAIN.STORE_CLOSED' });
  });
});
