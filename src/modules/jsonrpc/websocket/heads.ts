import { setImmediate as nextTurn } from 'node:timers/promises';
import { toHex } from '../../../common/bytes.js';
import type { Logger } from '../../../common/logger.port.js';
import { onEvent } from '../../../common/on-event.js';
import type { BlockRef, Chain } from '../../blockchain/index.js';
import { type ChainForms, headObject } from '../objects/block.mapper.js';

/** While a sync stores more than can be read again, the oldest of those that wait are left out. */
const MAX_WAITING = 1_024;

export interface HeadsOptions {
  readonly chain: Chain;
  readonly forms: ChainForms;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Takes a head as JSON. Must not throw, and must not wait. */
export type HeadListener = (head: string) => void;

/** New heads as JSON, made once for all who listen; nothing is read while nobody does. */
export class Heads {
  private readonly listeners = new Set<HeadListener>();
  private waiting: BlockRef[] = [];
  private isReading = false;

  constructor(private readonly options: HeadsOptions) {}

  start(): void {
    const { chain, signal, log } = this.options;
    onEvent(chain.events$, ({ added }) => this.take(added), { signal, log });
  }

  /** The returned function ends it. */
  listen(listener: HeadListener): () => void {
    // A function of its own, so that who listens twice is told twice.
    const own: HeadListener = (head) => listener(head);
    this.listeners.add(own);
    return () => {
      this.listeners.delete(own);
    };
  }

  private async take(added: readonly BlockRef[]): Promise<void> {
    if (this.listeners.size === 0) return;
    // After a reorg the event has the newest first.
    this.waiting.push(...added.toSorted((a, b) => a.number - b.number));
    if (this.waiting.length > MAX_WAITING) this.waiting = this.waiting.slice(-MAX_WAITING);
    if (this.isReading) return;
    this.isReading = true;
    try {
      for (let ref = this.waiting.shift(); ref !== undefined; ref = this.waiting.shift()) {
        await this.tell(ref);
        // So that it gets out before the next is made.
        await nextTurn();
      }
    } finally {
      this.isReading = false;
    }
  }

  private async tell({ number, hash }: BlockRef): Promise<void> {
    const { chain, forms, signal } = this.options;
    const header = await chain.header(number);
    const current = await chain.hashByNumber(number);
    // Replaced in the meantime: the block that took its place is told of by itself.
    if (signal.aborted || header === undefined || current === undefined || toHex(current) !== toHex(hash)) {
      return;
    }
    const head = JSON.stringify(headObject(header, toHex(hash), forms));
    for (const listener of this.listeners) listener(head);
  }
}
