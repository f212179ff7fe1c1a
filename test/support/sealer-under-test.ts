import { expect } from '@jest/globals';
import type { ChainService } from '../../src/modules/blockchain/chain/chain.service.js';
import type { SealKey } from '../../src/modules/blockchain/index.js';
import type { Chain, ChainWriter } from '../../src/modules/blockchain/ports/chain.port.js';
import { SealerService } from '../../src/modules/blockchain/sealer/sealer.service.js';
import type { SealerSetup } from '../../src/modules/blockchain/sealer/sealer-setup.js';
import { VotingService } from '../../src/modules/blockchain/voting/voting.service.js';
import { testKeys } from './chain-builder/index.js';
import { anIbftConfig } from './ibft-config.js';
import { ManualClock } from './manual-clock.js';
import { openChain } from './open-chain.js';
import { RecordingLogger } from './recording-logger.js';

/** A moment 400 ms after a multiple of the block time. */
export const START_MS = 1_700_000_000_400;
export const BLOCK_TIME_MS = 2_000;

export interface SealerOptions extends Partial<SealerSetup> {
  /** In place of the chain's own. */
  readonly insert?: (original: ChainWriter['insert']) => ChainWriter['insert'];
  /** What the sealer sees other than it is. */
  readonly seen?: (original: Chain) => Partial<Chain>;
}

export interface SealerUnderTest {
  readonly clock: ManualClock;
  readonly log: RecordingLogger;
  readonly chain: ChainService;
  readonly voting: VotingService;
  readonly sealer: SealerService;
  /** Blocks of each insert. */
  readonly batches: readonly number[];
  height(): number | undefined;
}

/** What a chain says of a key. */
const asMember = ({ address, blsPublicKey }: SealKey, bls = false) =>
  bls && blsPublicKey !== undefined ? { address, blsPublicKey } : { address };

/** Sealers on real chains, in memory; each verifies what it seals. */
export class Sealers {
  private readonly stops: (() => Promise<void>)[] = [];

  /** On a chain of one ECDSA validator unless told. */
  async make({ insert: wrap, seen, ...setup }: SealerOptions = {}): Promise<SealerUnderTest> {
    const validators = setup.validators ?? testKeys(1);
    const config = setup.chain ?? anIbftConfig(validators.map((key) => asMember(key)));
    const [clock, log] = [new ManualClock(START_MS), new RecordingLogger()];
    const chain = await openChain(config, { clock });
    const insert = chain.insert.bind(chain);
    const batches: number[] = [];
    const writer: ChainWriter = {
      insert: (raws, options) => {
        batches.push(raws.length);
        return (wrap?.(insert) ?? insert)(raws, options);
      },
      rewind: (number) => chain.rewind(number),
    };
    const view = Object.assign(Object.create(chain) as Chain, seen?.(chain));
    const full = { config: { seal: true }, ...setup, chain: config, validators };
    const voting = new VotingService(view, full);
    const sealer = new SealerService(view, writer, voting, clock, log, full);
    this.stops.push(async () => {
      await sealer.beforeApplicationShutdown();
      await chain.close();
      expect(clock.pendingTimers).toBe(0);
    });
    return { clock, log, chain, voting, sealer, batches, height: () => chain.head()?.number };
  }

  async stopAll(): Promise<void> {
    for (const stop of this.stops.splice(0)) await stop();
  }
}

/** Lets the clock run until `blocks` more blocks are there. */
export async function grow({ clock, height }: SealerUnderTest, blocks: number): Promise<void> {
  const wanted = (height() ?? 0) + blocks;
  for (let step = 0; step < 8 * blocks && (height() ?? 0) < wanted; step++) {
    await clock.advanceAsync(BLOCK_TIME_MS / 4);
  }
  expect(height()).toBe(wanted);
}
