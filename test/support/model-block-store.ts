import type { BlockRef, VerifiedBlock } from '../../src/modules/blockchain/ports/types.js';

interface Entry {
  readonly block: VerifiedBlock;
  readonly totalDifficulty: bigint;
}

/** What a BlockStore has to answer, said in the plainest way: nothing is ever deleted but what leaves the chain. */
export class ModelBlockStore {
  /** Ascending; pruned blocks stay. */
  private chain: Entry[] = [];
  private aside: VerifiedBlock[] = [];
  private tail = 0;
  private statesFrom = 0;

  /** Each gives false where the store has to say STORE_GAP. */
  append(blocks: readonly VerifiedBlock[]): boolean {
    let head = this.chain.at(-1);
    const added: Entry[] = [];
    for (const block of blocks) {
      const follows = head
        ? block.number === head.block.number + 1 && same(block.parentHash, head.block.hash)
        : block.number === 0;
      if (!follows) return false;
      head = { block, totalDifficulty: (head?.totalDifficulty ?? 0n) + block.difficulty };
      added.push(head);
    }
    this.chain.push(...added);
    this.aside = this.aside.filter((block) => !blocks.some(({ hash }) => same(hash, block.hash)));
    return true;
  }

  startAt(block: VerifiedBlock): boolean {
    if (this.chain.length !== 1 || block.number < 1) return false;
    this.chain.push({ block, totalDifficulty: block.difficulty });
    this.tail = block.number;
    this.statesFrom = block.number;
    return true;
  }

  rewind(number: number): readonly BlockRef[] | false {
    if (number < this.tail || !this.kept(number)) return false;
    const removed = this.chain.filter(({ block }) => block.number > number).map(({ block }) => block);
    this.chain = this.chain.filter(({ block }) => block.number <= number);
    this.aside.push(...removed);
    return removed.map(({ number, hash }) => ({ number, hash })).reverse();
  }

  replace(blocks: readonly VerifiedBlock[]): readonly BlockRef[] | false {
    const [first] = blocks;
    if (first === undefined) return [];
    const [chain, aside] = [this.chain, [...this.aside]];
    const removed = this.rewind(first.number - 1);
    if (removed !== false && this.append(blocks)) return removed;
    [this.chain, this.aside] = [chain, aside];
    return false;
  }

  putStates(records: readonly { number: number; state: Uint8Array }[]): boolean {
    if (!records.every(({ number }) => this.kept(number))) return false;
    for (const { number, state } of records) {
      this.chain = this.chain.map((entry) =>
        entry.block.number === number ? { ...entry, block: { ...entry.block, state } } : entry,
      );
    }
    return true;
  }

  keepAside(block: VerifiedBlock): void {
    const entry = this.kept(block.number);
    if (!entry || !same(entry.block.hash, block.hash)) this.aside.push(block);
  }

  prune(number: number, maxCount: number): { tail: number; removed: number } {
    const head = this.chain.at(-1)?.block.number ?? 0;
    const from = Math.max(this.tail, 1);
    const end = Math.min(number, head, from + maxCount);
    if (end <= from) return { tail: this.tail, removed: 0 };
    this.tail = end;
    this.statesFrom = end - 1;
    return { tail: end, removed: end - from };
  }

  /** Everything there is to know, of the heights and hashes asked for. */
  facts(heights: readonly number[], hashes: readonly Uint8Array[]): unknown {
    const kept = this.chain.filter(({ block }) => this.kept(block.number));
    const head = this.chain.at(-1);
    return {
      head: head && { ...refOf(head.block), totalDifficulty: head.totalDifficulty },
      tail: this.tail,
      bodyBytes: kept.reduce((sum, { block }) => sum + block.raw.length, 0),
      whole: kept.filter(({ block }) => block.number >= this.tail).map(({ block }) => hex(block.raw)),
      heights: heights.map((number) => {
        const entry = this.kept(number);
        return {
          raw: hex(entry?.block.raw),
          header: hex(entry?.block.rawHeader),
          hash: hex(entry?.block.hash),
          totalDifficulty: entry?.totalDifficulty,
          state: this.stateAt(number),
        };
      }),
      hashes: hashes.map((hash) => {
        const aside = this.aside.find((block) => same(block.hash, hash));
        return {
          number: kept.find(({ block }) => same(block.hash, hash))?.block.number,
          removed: aside && { number: aside.number, raw: hex(aside.raw) },
        };
      }),
    };
  }

  private stateAt(number: number): unknown {
    const isKnown = number === 0 || number >= this.statesFrom;
    if (!isKnown || number > (this.chain.at(-1)?.block.number ?? -1)) return undefined;
    const found = this.chain.findLast(({ block }) => block.number <= number && block.state);
    return found && { number: found.block.number, state: hex(found.block.state) };
  }

  private kept(number: number): Entry | undefined {
    if (number > 0 && number < this.tail) return undefined;
    return this.chain.find(({ block }) => block.number === number);
  }
}

const refOf = ({ number, hash }: VerifiedBlock) => ({ number, hash: hex(hash) });
const hex = (value: Uint8Array | undefined) => value && Buffer.from(value).toString('hex');
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
