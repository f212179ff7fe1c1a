import { BehaviorSubject, filter, type Observable, Subject } from 'rxjs';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { BlockchainMetrics } from '../blockchain.metrics.js';
import { decodeHeader } from '../codec/header.codec.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import type { BlockStore, RangeLimits } from '../ports/block-store.port.js';
import type { Chain, ChainInfo, ChainWriter, InsertResult } from '../ports/chain.port.js';
import type { Consensus } from '../ports/consensus.port.js';
import type { BlockSource, ChainEvent, ChainHead, Header, VerifiedBlock } from '../ports/types.js';
import { BatchVerifier, type VerifiedBatch } from './batch-verifier.js';
import { BlockVerifier, type Tip } from './block-verifier.js';
import { checkRecent } from './check-recent.js';
import { type GenesisState, settleGenesis } from './settle-genesis.js';

export interface ChainServiceOptions {
  readonly store: BlockStore;
  readonly consensus: Consensus;
  readonly config: ChainConfig;
  readonly maxBlockBytes: number;
  /** Where the store is, for errors. */
  readonly path: string;
  readonly clock: Clock;
  readonly metrics: BlockchainMetrics;
  readonly log: Logger;
}

interface InsertOptions {
  readonly source: BlockSource;
  readonly signal?: AbortSignal;
}

/** The canonical chain above a store. Takes ownership of the store: `close` closes it. */
export class ChainService implements Chain, ChainWriter {
  readonly head$: Observable<ChainHead>;
  readonly events$: Observable<ChainEvent>;
  private readonly options: ChainServiceOptions;
  private readonly batches: BatchVerifier;
  private readonly headState: BehaviorSubject<ChainHead | undefined>;
  private readonly events = new Subject<ChainEvent>();
  private genesis: GenesisState;
  private tip: Tip | undefined;
  private lastInsert: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | undefined;

  /**
   * Checks what the store holds and writes genesis into a new one; closes the store when it fails.
   * @throws {BlockchainError} BLOCKCHAIN.STORE_OTHER_CHAIN | BLOCKCHAIN.GENESIS_MISMATCH | BLOCKCHAIN.STORE_CORRUPT |
   * BLOCKCHAIN.STORE_FAILED
   */
  static async open(options: ChainServiceOptions): Promise<ChainService> {
    try {
      return await ChainService.openStored(options);
    } catch (error) {
      await options.store.close();
      throw error;
    }
  }

  private static async openStored(options: ChainServiceOptions): Promise<ChainService> {
    const verifier = new BlockVerifier(options);
    const genesis = await settleGenesis({ ...options, verifier });
    const head = await checkRecent(options);
    const rawHeader = head && (await options.store.rawHeader(head.number));
    const tip = head && rawHeader && { header: decodeHeader(rawHeader), hash: head.hash };
    return new ChainService(options, verifier, genesis, tip);
  }

  private constructor(
    options: ChainServiceOptions,
    verifier: BlockVerifier,
    genesis: GenesisState,
    tip: Tip | undefined,
  ) {
    this.options = options;
    this.batches = new BatchVerifier(verifier, options.store);
    this.genesis = genesis;
    this.tip = tip;
    this.headState = new BehaviorSubject(tip && headOf(tip));
    this.head$ = this.headState.pipe(filter((head) => head !== undefined));
    this.events$ = this.events.asObservable();
    if (tip !== undefined) options.metrics.headMoved(tip.header.number);
  }

  info(): ChainInfo {
    const { config, consensus } = this.options;
    const { engine, verification } = consensus;
    const { trust, hash } = this.genesis;
    const { name, chainId } = config;
    return { name, chainId, engine, verification, genesisTrust: trust, genesisHash: hash };
  }

  head(): ChainHead | undefined {
    return this.headState.value;
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

  rawBlocks(from: number, limits: RangeLimits): Promise<readonly Uint8Array[]> {
    return this.options.store.rawBlocks(from, limits);
  }

  /** @throws {BlockchainError} also BLOCKCHAIN.STORE_CLOSED, and BLOCKCHAIN.CANCELLED when the signal aborts */
  insert(rawBlocks: readonly Uint8Array[], options: InsertOptions): Promise<InsertResult> {
    if (this.closing !== undefined) {
      return Promise.reject(new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' }));
    }
    const inserted = this.lastInsert.then(() => this.insertNow(rawBlocks, options));
    // Only the order of the queue: the failure is the caller's, and the next insert is tried all the same.
    this.lastInsert = inserted.catch(() => undefined);
    return inserted;
  }

  /** Ends the inserts asked for so far, completes both streams and closes the store. */
  close(): Promise<void> {
    this.closing ??= this.lastInsert.then(async () => {
      this.headState.complete();
      this.events.complete();
      await this.options.store.close();
    });
    return this.closing;
  }

  private async insertNow(rawBlocks: readonly Uint8Array[], options: InsertOptions): Promise<InsertResult> {
    const { clock, metrics } = this.options;
    const startedMs = clock.monotonicMs();
    const { source, signal } = options;
    const batch = await this.batches.verify(rawBlocks, this.tip, signal);
    await this.store(batch, source);
    const inserted = batch.blocks.map(({ number, hash }) => ({ number, hash }));
    if (inserted.length > 0) metrics.blocksInserted(source, inserted.length, clock.monotonicMs() - startedMs);
    if (batch.failure !== undefined) throw this.refused(batch.failure, source);
    const head = this.head();
    if (head === undefined) throw new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISSING' });
    return { inserted, head };
  }

  private async store({ blocks, tip }: VerifiedBatch, source: BlockSource): Promise<void> {
    const [first] = blocks;
    if (first === undefined || tip === undefined) return;
    await this.options.store.append(blocks);
    if (first.number === 0) this.genesis = { trust: 'peer', hash: first.hash };
    this.tip = tip;
    this.options.metrics.headMoved(tip.header.number);
    this.headState.next(headOf(tip));
    for (const block of blocks) this.events.next(this.headChanged(block, source));
  }

  private headChanged({ number, hash }: VerifiedBlock, source: BlockSource): ChainEvent {
    return {
      type: 'head:changed',
      added: [{ number, hash }],
      removed: [],
      source,
      atMs: this.options.clock.nowMs(),
    };
  }

  private refused(failure: unknown, source: BlockSource): unknown {
    if (failure instanceof BlockchainError && failure.code !== 'BLOCKCHAIN.CANCELLED') {
      this.options.metrics.blockRefused(source, failure.code);
      this.options.log.debug('block refused', {
        source,
        code: failure.code,
        reason: failure.message.slice(0, 300),
      });
    }
    return failure;
  }
}

function headOf({ header: { number, timestamp }, hash }: Tip): ChainHead {
  return { number, hash, timestamp };
}
