import { numberOf, transactionCountOf } from '../codec/block.codec.js';
import type { Rule } from '../ports/rules.js';
import type { JudgedChunk } from './judge-chunk.js';
import type { Tip } from './tip.js';

/** Counts what is verified. */
export class VerifyCounts {
  /** The last block judged. */
  tip: Tip | undefined;
  /** The first block, which is compared rather than judged. */
  first: Uint8Array | undefined;
  private blocks = 0;
  private transactions = 0;
  private bytes = 0;
  private stateChanges = 0;
  private readonly anomalies = new Map<Rule, number>();

  constructor(private readonly onProgress: ((height: number) => void) | undefined) {}

  /** The batches as they are. */
  async *watch(batches: AsyncIterable<readonly Uint8Array[]>): AsyncGenerator<readonly Uint8Array[]> {
    for await (const batch of batches) {
      this.first ??= batch[0];
      yield batch;
    }
  }

  add({ blocks, anomalies, tip }: JudgedChunk): void {
    this.tip = tip;
    for (const { raw, state } of blocks) {
      this.count(raw);
      if (state !== undefined) this.stateChanges += 1;
    }
    for (const { rule } of anomalies) this.anomalies.set(rule, (this.anomalies.get(rule) ?? 0) + 1);
    this.onProgress?.(tip.number);
  }

  /** @param isFirstGood Whether the first block is what it should be. */
  report(isFirstGood: boolean) {
    if (isFirstGood && this.first !== undefined) this.count(this.first);
    const from = isFirstGood && this.first !== undefined ? numberOf(this.first) : undefined;
    const { blocks, transactions, bytes, stateChanges, anomalies } = this;
    return { from, blocks, transactions, bytes, stateChanges, anomalies };
  }

  private count(raw: Uint8Array): void {
    this.blocks += 1;
    this.bytes += raw.length;
    this.transactions += transactionCountOf(raw);
  }
}
