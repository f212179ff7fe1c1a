import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { errorFields } from '../../../common/app-error.js';
import { toHex } from '../../../common/bytes.js';
import { CLOCK, type Clock, delay } from '../../../common/clock.js';
import { LOGGER, type Logger } from '../../../common/logger.port.js';
import { decodeIbftExtra } from '../consensus/ibft/extra.js';
import { IbftSchedule } from '../consensus/ibft/ibft-schedule.js';
import { decodeIbftState } from '../consensus/ibft/ibft-state.js';
import type { Vote } from '../consensus/ibft/votes.js';
import { type EngineConfig, ibftForkAt } from '../genesis/chain-config.js';
import { CHAIN, CHAIN_WRITER, type Chain, type ChainWriter } from '../ports/chain.port.js';
import type { ChainHead } from '../ports/types.js';
import { VotingService } from '../voting/voting.service.js';
import { type BlockPlan, buildBlock, nextBlockTimeMs, proposerOf } from './build-block.js';
import { chooseTurn, quorumOf } from './choose-turn.js';
import { SEALER_SETUP, type SealerSetup } from './sealer-setup.js';

type IbftEngine = Extract<EngineConfig, { name: 'ibft' }>;

/** What the next block will be, but for its time and its vote. */
interface NextBlock extends Omit<BlockPlan, 'timeMs' | 'vote'> {
  /** Undefined where votes do not count. */
  readonly votes: readonly Vote[] | undefined;
}

/**
 * Seals an empty block every block time while the keys in this process are enough for one; for chains of one's own.
 * Starts when the application has started; stopping waits for the block under way.
 * @remarks Differs: other chains need the live consensus of the Go client, which is not here.
 */
@Injectable()
export class SealerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly log: Logger;
  private running: Promise<void> | undefined;
  private isSealing = false;

  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(CHAIN_WRITER) private readonly writer: ChainWriter,
    @Inject(VotingService) private readonly voting: VotingService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
    @Inject(SEALER_SETUP) private readonly setup: SealerSetup,
  ) {
    this.log = logger.child('sealer');
  }

  onApplicationBootstrap(): void {
    if (this.running !== undefined || this.controller.signal.aborted) return;
    const { config, chain, validators } = this.setup;
    const { engine } = chain;
    if (!config.seal) this.end('switched off');
    else if (validators.length === 0) this.end('no validator key');
    else if (engine.name !== 'ibft') this.end('the engine is not IBFT');
    else this.running = this.run(engine, this.controller.signal);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.controller.abort();
    await this.running;
  }

  /** Never rejects. A block that fails is logged, and the next try is a block time later. */
  private async run(engine: IbftEngine, signal: AbortSignal): Promise<void> {
    let obstacle: string | undefined;
    while (obstacle === undefined && !signal.aborted) {
      try {
        obstacle = await this.sealNext(engine, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.log.error('sealing a block failed', errorFields(error));
        // Rejects when stopped; then the loop ends by itself.
        await delay(this.clock, engine.blockTimeMs, signal).catch(() => undefined);
      }
    }
    if (obstacle !== undefined) this.end(obstacle);
  }

  private end(reason: string): void {
    if (this.isSealing) this.log.warn('sealing ended', { reason });
    else this.log.info('not sealing', { reason });
  }

  /** Waits until the next block is due and seals it, unless the head moves meanwhile; or tells what is in the way for good. */
  private async sealNext(engine: IbftEngine, signal: AbortSignal): Promise<string | undefined> {
    const head = this.chain.head();
    const next = head && (await this.plan(engine, head));
    if (typeof next === 'string') return next;
    const nowMs = this.clock.nowMs();
    const timeMs = head ? nextBlockTimeMs(head, nowMs, engine.blockTimeMs) : Number.POSITIVE_INFINITY;
    // Waits are short so that one for a head in the far future follows the clock, and fits a timer.
    await delay(this.clock, Math.min(timeMs - nowMs, engine.blockTimeMs), signal);
    const isDue = timeMs - nowMs <= engine.blockTimeMs;
    if (!isDue || next === undefined || this.chain.head()?.number !== head?.number) return undefined;
    await this.seal(next, timeMs);
    return undefined;
  }

  /** Undefined while the set in force is not known. */
  private async plan(engine: IbftEngine, head: ChainHead): Promise<NextBlock | string | undefined> {
    const number = head.number + 1;
    if (ibftForkAt(engine.forks, number)?.type !== 'PoA') return `the chain is not PoA at block ${number}`;
    const header = await this.chain.header(head.number);
    const encoded = await this.chain.stateAfter(head.number);
    if (header === undefined || encoded === undefined) return undefined;
    const schedule = new IbftSchedule(engine);
    const extra = decodeIbftExtra(header.extraData, {
      number: head.number,
      ...schedule.sealKinds(head.number),
    });
    const parent = { header, hash: head.hash, extra };
    const { set, votes } = decodeIbftState(encoded);
    const { validators } = this.setup;
    const turn = chooseTurn(set, validators, proposerOf(parent));
    if (turn === undefined) {
      return `too few keys: block ${number} needs ${quorumOf(set)} of its ${set.length} validators`;
    }
    if (!this.isSealing) {
      this.isSealing = true;
      this.log.info('sealing', {
        keys: validators.length,
        validators: set.length,
        blockTimeMs: engine.blockTimeMs,
      });
    }
    return {
      parent,
      set,
      votes: schedule.countsVotes(number) ? votes : undefined,
      kinds: schedule.sealKinds(number),
      turn,
    };
  }

  private async seal(next: NextBlock, timeMs: number): Promise<void> {
    const { turn, votes, set } = next;
    const vote = votes && this.voting.next(turn.proposer.address, { set, votes });
    const { head } = await this.writer.insert([buildBlock({ ...next, timeMs, vote })], { source: 'sealer' });
    this.log.debug('block sealed', { height: head.number, hash: toHex(head.hash) });
  }
}
