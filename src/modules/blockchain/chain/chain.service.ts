import type { Observable } from 'rxjs';
import { errorFields } from '../../../common/app-error.js';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { BlockchainMetrics } from '../blockchain.metrics.js';
import { decodeHeader } from '../codec/header.codec.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import type { BlockStore, RangeLimits } from '../ports/block-store.port.js';
import type {
  Chain,
  ChainAlarm,
  ChainAnchor,
  ChainInfo,
  ChainWriter,
  InsertOptions,
  InsertResult,
} from '../ports/chain.port.js';
import type { Consensus, Validator } from '../ports/consensus.port.js';
import type { ProofSource } from '../ports/proof-source.port.js';
import type { BlockRef, ChainEvent, ChainHead, Header } from '../ports/types.js';
import type { Examiner } from '../verification/examiner.js';
import type { Anchor } from './anchor.js';
import { BlockInserter } from './block-inserter.js';
import { ChainLedger } from './chain-ledger.js';
import { type Finality, ForkChoice } from './fork-choice.js';
import { InsertQueue } from './insert-queue.js';
import { type OpenedChain, openStored } from './open-stored.js';
import { storedState, storedTip } from './stored-tip.js';
import { headOf } from './tip.js';

export interface ChainServiceOptions {
  readonly store: BlockStore;
  readonly consensus: Consensus;
  readonly examiner: Examiner;
  readonly config: ChainConfig;
  readonly maxBlockBytes: number;
  readonly isStrict: boolean;
  readonly finality: Finality;
  readonly anchor: Anchor | undefined;
  /** Where the store is, for errors. */
  readonly path: string;
  readonly clock: Clock;
  readonly metrics: BlockchainMetrics;
  readonly log: Logger;
}

/** The canonical chain above a store. Takes ownership of store and examiner: `close` closes them. */
export class ChainService implements Chain, ChainWriter, ProofSource {
  readonly head$: Observable<ChainHead>;
  readonly events$: Observable<ChainEvent>;
  readonly alarms$: Observable<ChainAlarm>;
  private readonly options: ChainServiceOptions;
  private readonly ledger: ChainLedger;
  private readonly inserter: BlockInserter;
  private readonly queue: InsertQueue;
  private readonly opened: OpenedChain;
  private tail: number;
  private closing: Promise<void> | undefined;

  /**
   * Checks what the store holds and writes genesis into a new one; closes the store when it fails.
   * @throws {BlockchainError} BLOCKCHAIN.STORE_OTHER_CHAIN | BLOCKCHAIN.GENESIS_MISMATCH | BLOCKCHAIN.ANCHOR_MISMATCH |
   * BLOCKCHAIN.STORE_CORRUPT | BLOCKCHAIN.STORE_FAILED
   */
  static async open(options: ChainServiceOptions): Promise<ChainService> {
    try {
      await options.consensus.prepare();
      return new ChainService(options, await openStored(options));
    } catch (error) {
      await Promise.allSettled([options.store.close(), options.examiner.close()]);
      throw error;
    }
  }

  private constructor(options: ChainServiceOptions, opened: OpenedChain) {
    const { consensus, examiner, clock } = options;
    this.options = options;
    this.opened = opened;
    this.tail = opened.tail;
    this.ledger = new ChainLedger(options, opened.tip);
    const shared = { ...options, ledger: this.ledger, nowMs: () => clock.nowMs() };
    this.inserter = new BlockInserter({ ...shared, forkChoice: new ForkChoice(shared) });
    this.queue = new InsertQueue(consensus, examiner, () => this.inserter.tip);
    this.head$ = this.ledger.head$;
    this.events$ = this.ledger.events$;
    this.alarms$ = this.ledger.alarms$;
  }

  info(): ChainInfo {
    const { config, consensus, isStrict } = this.options;
    const { engine, verification } = consensus;
    const { name, chainId } = config;
    const { anomalies, conflicts, degraded, tip } = this.ledger;
    // Spelled out: spreading a literal of this many fields takes twenty times as long, and each status call asks.
    return {
      name,
      chainId,
      engine,
      verification,
      isStrict,
      anomalies,
      conflicts,
      degraded,
      genesisTrust: this.opened.genesis.trust === 'missing' && tip ? 'peer' : this.opened.genesis.trust,
      genesisHash: this.genesisHash(),
      anchor: this.anchor(),
      tail: this.tail,
      trustedSets: tip?.state.trustedSets ?? 0,
    };
  }

  head(): ChainHead | undefined {
    return this.ledger.head;
  }

  nextHeight(): number {
    if (this.inserter.needsAnchor) return this.options.anchor?.number ?? 0;
    return (this.ledger.tip?.number ?? -1) + 1;
  }

  async validatorsAt(number: number): Promise<readonly Validator[] | undefined> {
    const { store, consensus } = this.options;
    const head = this.ledger.tip?.number ?? -1;
    if (number > head) return number > head + 1 ? undefined : this.ledger.tip?.state.validators;
    return (await storedState(store, consensus, number))?.sealedBy;
  }

  async stateAfter(number: number): Promise<Uint8Array | undefined> {
    return (await this.options.store.stateAt(number))?.state;
  }

  async lastChange(number: number): Promise<number | undefined> {
    return (await this.options.store.stateAt(number))?.number;
  }

  async header(number: number): Promise<Header | undefined> {
    const rawHeader = await this.options.store.rawHeader(number);
    return rawHeader && decodeHeader(rawHeader);
  }

  hashByNumber(number: number): Promise<Uint8Array | undefined> {
    return this.options.store.hashByNumber(number);
  }

  numberByHash(hash: Uint8Array): Promise<number | undefined> {
    return this.options.store.numberByHash(hash);
  }

  rawBlock(number: number): Promise<Uint8Array | undefined> {
    return this.options.store.rawBlock(number);
  }

  /** @throws {BlockchainError} BLOCKCHAIN.PRUNED below the tail, but for block 0 */
  async rawBlocks(from: number, limits: RangeLimits): Promise<readonly Uint8Array[]> {
    if (from > 0 && from < this.tail) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.PRUNED', number: from, tail: this.tail });
    }
    return this.options.store.rawBlocks(from, limits);
  }

  /** @throws {BlockchainError} also BLOCKCHAIN.STORE_CLOSED, and BLOCKCHAIN.CANCELLED when the signal aborts */
  insert(rawBlocks: readonly Uint8Array[], options: InsertOptions): Promise<InsertResult> {
    if (this.closing !== undefined) return Promise.reject(closed());
    const { clock, metrics } = this.options;
    const startedMs = clock.monotonicMs();
    return this.queue.insert(rawBlocks, async (ahead) => {
      try {
        const inserted = await this.inserter.insert(rawBlocks, options, ahead);
        if (inserted.length > 0) {
          metrics.blocksInserted(options.source, inserted.length, clock.monotonicMs() - startedMs);
        }
        return { inserted, head: this.reached() };
      } catch (failure) {
        throw this.refused(failure, options);
      } finally {
        if (this.tail > 0 || this.options.anchor !== undefined) this.tail = await this.options.store.tail();
      }
    });
  }

  rewind(number: number): Promise<readonly BlockRef[]> {
    if (this.closing !== undefined) return Promise.reject(closed());
    return this.queue.run(async () => {
      const tip = await storedTip(this.options.store, this.options.consensus, number);
      if (tip !== undefined) return this.ledger.rewind(tip);
      throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_GAP', number, expected: this.tail });
    });
  }

  /** One step of removing what stands below a height. @returns Whether there may be more to remove. */
  prune(below: number, maxCount: number): Promise<boolean> {
    if (this.closing !== undefined) return Promise.reject(closed());
    return this.queue.run(async () => {
      const { tail, removed } = await this.options.store.prune(below, { maxCount });
      this.tail = tail;
      return removed > 0;
    });
  }

  /** Ends the inserts asked for so far, completes the streams and closes the store. */
  close(): Promise<void> {
    this.closing ??= this.queue.settled.then(async () => {
      this.ledger.complete();
      try {
        await this.options.examiner.close();
      } finally {
        await this.options.store.close();
      }
    });
    return this.closing;
  }

  private anchor(): ChainAnchor {
    const { anchor } = this.options;
    if (anchor !== undefined) return { kind: 'checkpoint', number: anchor.number, hash: anchor.hash };
    return { kind: 'genesis', number: 0, hash: this.genesisHash() };
  }

  private genesisHash(): Uint8Array | undefined {
    return this.opened.genesis.hash ?? this.inserter.genesisHash;
  }

  /** The head, or a genesis that waits for block 1. */
  private reached(): ChainHead {
    const tip = this.inserter.tip;
    if (tip === undefined) throw new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISSING' });
    return headOf(tip);
  }

  private refused(failure: unknown, { source }: InsertOptions): unknown {
    if (failure instanceof BlockchainError && failure.code !== 'BLOCKCHAIN.CANCELLED') {
      this.options.metrics.blockRefused(source, failure.code);
      this.options.log.debug('block refused', { source, ...errorFields(failure) });
    }
    return failure;
  }
}

function closed(): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' });
}
