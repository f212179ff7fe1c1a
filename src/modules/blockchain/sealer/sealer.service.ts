import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { errorText } from '../../../common/app-error.js';
import { bytesEqual, toHex } from '../../../common/bytes.js';
import { CLOCK, type Clock, delay } from '../../../common/clock.js';
import { LOGGER, type Logger } from '../../../common/logger.port.js';
import type { BlockchainConfig } from '../blockchain.config.js';
import { addressOf } from '../crypto/address.js';
import { publicKeyOf } from '../crypto/secp256k1.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { CHAIN, CHAIN_WRITER, type Chain, type ChainWriter } from '../ports/chain.port.js';
import { buildBlock, nextBlockTimeMs, soleValidator } from './build-block.js';

export const SEALER_SETUP = Symbol('SEALER_SETUP');

export interface SealerSetup {
  readonly config: Pick<BlockchainConfig, 'seal'>;
  readonly chain: ChainConfig;
  /** Without it nothing is sealed. */
  readonly validatorKey?: Uint8Array | undefined;
}

/** What the loop needs once it is known that this node seals. */
interface Sealing {
  readonly validatorKey: Uint8Array;
  readonly address: Uint8Array;
  readonly blockTimeMs: number;
}

/**
 * Seals an empty block every block time while this node is the only validator of its chain; for chains of one's own.
 * Starts when the application has started; stopping waits for the block under way.
 * @remarks Differs: other chains need the live consensus of the Go client, which is not here.
 */
@Injectable()
export class SealerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly log: Logger;
  private running: Promise<void> | undefined;

  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(CHAIN_WRITER) private readonly writer: ChainWriter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
    @Inject(SEALER_SETUP) private readonly setup: SealerSetup,
  ) {
    this.log = logger.child('sealer');
  }

  onApplicationBootstrap(): void {
    if (this.running !== undefined || this.controller.signal.aborted) return;
    const sealing = sealingOf(this.setup);
    if (typeof sealing === 'string') {
      this.log.info('not sealing', { reason: sealing });
      return;
    }
    const { address, blockTimeMs } = sealing;
    this.log.info('sealing', { validator: toHex(address), blockTimeMs });
    this.running = this.run(sealing, this.controller.signal);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.controller.abort();
    await this.running;
  }

  /** Never rejects. A block that fails is logged, and the next try is a block time later. */
  private async run(sealing: Sealing, signal: AbortSignal): Promise<void> {
    let isValidator = true;
    while (isValidator && !signal.aborted) {
      try {
        isValidator = await this.sealNext(sealing, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.log.error('sealing a block failed', { error: errorText(error) });
        // Rejects when stopped; then the loop ends by itself.
        await delay(this.clock, sealing.blockTimeMs, signal).catch(() => undefined);
      }
    }
    if (!isValidator) this.log.warn('sealing ended: the chain may have other validators now');
  }

  /** Waits until the next block is due and seals it; false when that is no longer for this node alone to do. */
  private async sealNext(
    { validatorKey, address, blockTimeMs }: Sealing,
    signal: AbortSignal,
  ): Promise<boolean> {
    const head = this.chain.head();
    const nowMs = this.clock.nowMs();
    const timeMs = head === undefined ? Number.POSITIVE_INFINITY : nextBlockTimeMs(head, nowMs, blockTimeMs);
    // Waits are short so that one for a head in the far future follows the clock, and fits a timer.
    await delay(this.clock, Math.min(timeMs - nowMs, blockTimeMs), signal);
    if (head === undefined || timeMs - nowMs > blockTimeMs) return true;

    const parent = await this.chain.header(head.number);
    // The head moved: the block would not follow it.
    if (parent === undefined || this.chain.head()?.number !== head.number) return true;
    const validator = soleValidator(parent);
    if (validator === undefined || !bytesEqual(validator, address)) return false;
    const raw = buildBlock({ parent, parentHash: head.hash, timeMs, validatorKey });
    const sealed = await this.writer.insert([raw], { source: 'sealer' });
    this.log.debug('block sealed', { height: sealed.head.number, hash: toHex(sealed.head.hash) });
    return true;
  }
}

/** What to seal with, or why not to. */
function sealingOf({ config, chain, validatorKey }: SealerSetup): Sealing | string {
  const { engine, genesis } = chain;
  if (!config.seal) return 'switched off';
  if (validatorKey === undefined) return 'no validator key';
  if (engine.name !== 'ibft' || engine.forks.length !== 1)
    return 'the engine is not IBFT with one kind of validators';
  const [fork] = engine.forks;
  if (fork?.type !== 'PoA' || fork.validatorType !== 'ecdsa' || fork.to !== undefined) {
    return 'the validators are not PoA with ECDSA keys for good';
  }
  const address = addressOf(publicKeyOf(validatorKey, false));
  const validator = soleValidator({ number: 0, miner: genesis.coinbase, extraData: genesis.extraData });
  if (validator === undefined || !bytesEqual(validator, address))
    return 'not the only validator of the chain';
  return { validatorKey, address, blockTimeMs: engine.blockTimeMs };
}
