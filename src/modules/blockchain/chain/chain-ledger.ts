import { BehaviorSubject, filter, type Observable, Subject } from 'rxjs';
import { errorFields } from '../../../common/app-error.js';
import { toHex } from '../../../common/bytes.js';
import type { Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { BlockchainMetrics } from '../blockchain.metrics.js';
import type { BlockStore } from '../ports/block-store.port.js';
import type { ChainAlarm, ChainAnomaly } from '../ports/chain.port.js';
import type { BlockRef, BlockSource, ChainEvent, ChainHead, VerifiedBlock } from '../ports/types.js';
import { headOf, type Tip } from './tip.js';

export interface ChainLedgerOptions {
  readonly store: BlockStore;
  readonly clock: Clock;
  readonly metrics: BlockchainMetrics;
  readonly log: Logger;
}

/** What is stored, and what is told of it: moves the head together with the store, one write after another. */
export class ChainLedger {
  readonly head$: Observable<ChainHead>;
  readonly events$: Observable<ChainEvent>;
  readonly alarms$: Observable<ChainAlarm>;
  private readonly options: ChainLedgerOptions;
  private readonly headState: BehaviorSubject<ChainHead | undefined>;
  private readonly events = new Subject<ChainEvent>();
  private readonly alarms = new Subject<ChainAlarm>();
  private currentTip: Tip | undefined;
  private anomalyCount = 0;
  /** Each is worth the seals of a quorum, so nobody else can make this grow. */
  private readonly conflictHashes = new Set<string>();
  private lastAnomaly: ChainAnomaly | undefined;
  private storeFault: string | undefined;

  constructor(options: ChainLedgerOptions, tip: Tip | undefined) {
    this.options = options;
    this.currentTip = tip;
    this.headState = new BehaviorSubject(tip && headOf(tip));
    this.head$ = this.headState.pipe(filter((head) => head !== undefined));
    this.events$ = this.events.asObservable();
    this.alarms$ = this.alarms.asObservable();
    if (tip !== undefined) options.metrics.headMoved(tip.number);
  }

  get tip(): Tip | undefined {
    return this.currentTip;
  }

  get head(): ChainHead | undefined {
    return this.headState.value;
  }

  get anomalies(): { readonly count: number; readonly last: ChainAnomaly | undefined } {
    return { count: this.anomalyCount, last: this.lastAnomaly };
  }

  get conflicts(): number {
    return this.conflictHashes.size;
  }

  /** Why the last write failed; undefined once one succeeded. */
  get degraded(): string | undefined {
    return this.storeFault;
  }

  /** Appends blocks, the last of which is `tip`'s. */
  async append(blocks: readonly VerifiedBlock[], tip: Tip, source: BlockSource): Promise<void> {
    await this.write(() => this.options.store.append(blocks));
    this.moveTo(tip);
    for (const { number, hash } of blocks) this.tell([{ number, hash }], [], source);
  }

  /** Begins the chain with a checkpoint's block. */
  async startAt(block: VerifiedBlock, tip: Tip, source: BlockSource): Promise<void> {
    await this.write(() => this.options.store.startAt(block));
    this.moveTo(tip);
    this.tell([{ number: block.number, hash: block.hash }], [], source);
  }

  /** Replaces what stands above the parent of the first block: a reorganisation, told as one event. */
  async replace(blocks: readonly VerifiedBlock[], tip: Tip, source: BlockSource): Promise<void> {
    const removed = await this.write(() => this.options.store.replace(blocks));
    this.moveTo(tip);
    const added = blocks.map(({ number, hash }) => ({ number, hash })).reverse();
    this.tell(added, headLast(removed), source);
    this.options.metrics.reorganised(removed.length);
    this.options.log.info('the chain was reorganised', { height: tip.number, removed: removed.length });
  }

  async rewind(tip: Tip): Promise<readonly BlockRef[]> {
    const removed = await this.write(() => this.options.store.rewind(tip.number));
    if (removed.length > 0) {
      this.moveTo(tip);
      this.tell([], headLast(removed), 'sync');
    }
    return removed;
  }

  /** A block of a branch that is not taken. */
  async keepAside(block: VerifiedBlock, source: BlockSource): Promise<void> {
    await this.write(() => this.options.store.keepAside(block));
    this.tell([], [{ number: block.number, hash: block.hash }], source);
  }

  /** A block that validators sealed although another one is final at its height; it is told of once. */
  async keepConflict(block: VerifiedBlock): Promise<void> {
    const { number, hash } = block;
    if (this.conflictHashes.has(toHex(hash))) return;
    await this.write(() => this.options.store.keepAside(block));
    this.conflictHashes.add(toHex(hash));
    this.options.metrics.conflictFound();
    this.options.log.error('validators sealed two blocks of one height: the second is kept and not taken', {
      height: number,
    });
    this.alarms.next({ type: 'chain:conflict', number, hash, atMs: this.options.clock.nowMs() });
  }

  report(anomaly: ChainAnomaly): void {
    const { number, rule, reason } = anomaly;
    this.anomalyCount += 1;
    this.lastAnomaly = anomaly;
    this.options.metrics.anomalyFound(rule);
    this.options.log.debug('anomaly', { height: number, rule, reason });
    this.alarms.next({ type: 'chain:anomaly', anomaly, atMs: this.options.clock.nowMs() });
  }

  complete(): void {
    this.headState.complete();
    this.events.complete();
    this.alarms.complete();
  }

  private moveTo(tip: Tip): void {
    this.currentTip = tip;
    this.options.metrics.headMoved(tip.number);
    this.headState.next(headOf(tip));
  }

  private tell(added: readonly BlockRef[], removed: readonly BlockRef[], source: BlockSource): void {
    this.events.next({ type: 'head:changed', added, removed, source, atMs: this.options.clock.nowMs() });
  }

  private async write<T>(action: () => Promise<T>): Promise<T> {
    try {
      const result = await action();
      if (this.storeFault !== undefined) this.options.log.info('blocks can be stored again');
      this.storeFault = undefined;
      return result;
    } catch (error) {
      if (error instanceof BlockchainError && error.code === 'BLOCKCHAIN.STORE_FULL') {
        if (this.storeFault === undefined) this.options.log.error('the disk is full', errorFields(error));
        this.storeFault = error.message;
      }
      throw error;
    }
  }
}

/** As the reference lists them: newest first, but the old head last. @see polygon-edge@597a0f3 blockchain/blockchain.go handleReorg */
function headLast(removed: readonly BlockRef[]): BlockRef[] {
  const [head, ...rest] = removed;
  return head === undefined ? [] : [...rest, head];
}
