import { toHex } from '../../src/common/bytes.js';
import type { Chain } from '../../src/modules/blockchain/ports/chain.port.js';
import type { ChainEvent } from '../../src/modules/blockchain/ports/types.js';

/** What a subscriber that starts from the chain as it is makes of its events. */
export class ReplayedChain {
  /** Hashes by height. */
  readonly hashes: string[] = [];
  readonly events: ChainEvent[] = [];

  static async of(chain: Chain): Promise<ReplayedChain> {
    const replayed = new ReplayedChain();
    for (let number = 0; number <= (chain.head()?.number ?? -1); number++) {
      const hash = await chain.hashByNumber(number);
      if (hash !== undefined) replayed.hashes[number] = toHex(hash);
    }
    chain.events$.subscribe((event) => replayed.apply(event));
    return replayed;
  }

  private apply(event: ChainEvent): void {
    const { added, removed } = event;
    this.events.push(event);
    // Blocks of a branch that is not taken are told of as removed, and were never here.
    const gone = removed.filter(({ number, hash }) => this.hashes[number] === toHex(hash));
    for (const { number } of gone) delete this.hashes[number];
    const lowest = gone.reduce((least, { number }) => Math.min(least, number), this.hashes.length);
    if (gone.length > 0) this.hashes.length = lowest;
    for (const { number, hash } of added.toReversed()) {
      if (number !== this.hashes.length) throw new Error(`block ${number} was added above a gap`);
      this.hashes.push(toHex(hash));
    }
  }
}
