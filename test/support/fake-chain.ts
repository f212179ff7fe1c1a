import { BehaviorSubject, filter, NEVER, type Observable, Subject } from 'rxjs';
import {
  BlockchainError,
  type BlockRef,
  type Chain,
  type ChainEvent,
  type ChainHead,
  type ChainInfo,
  type ChainWriter,
  type InsertResult,
  type Vote,
} from '../../src/modules/blockchain/index.js';

/** What is odd about a fake block. */
export interface FakeBlockOptions {
  readonly bad?: boolean;
  /** Blocks of a number are told apart by their branch; 0 is the one of {@link FakeChain}. */
  readonly branch?: number;
  /** That of the block before; the same if not given. */
  readonly parentBranch?: number;
  /** The direction of a vote, from 1; 0 is no vote. No hash covers it. */
  readonly vote?: number;
}

const BLOCK_BYTES = 9;

/** Nine bytes that stand for a block: its number and whether it is good; three more if there is more to say. */
export function fakeBlock(
  number: number,
  { bad = false, branch = 0, parentBranch = branch, vote = 0 }: FakeBlockOptions = {},
): Uint8Array {
  const isPlain = branch === 0 && parentBranch === 0 && vote === 0;
  const raw = new Uint8Array(isPlain ? BLOCK_BYTES : BLOCK_BYTES + 3);
  new DataView(raw.buffer).setBigUint64(0, BigInt(number));
  raw.set([bad ? 1 : 0, ...(isPlain ? [] : [branch, parentBranch, vote])], 8);
  return raw;
}

export function* fakeBlocks(from: number, to: number, options: FakeBlockOptions = {}): Generator<Uint8Array> {
  for (let number = from; number <= to; number++) yield fakeBlock(number, options);
}

/** What `readVote` is to real blocks. */
export function readFakeVote(raw: Uint8Array): Vote | undefined {
  const { number, vote } = parse(raw) ?? { number: 0, vote: 0 };
  return vote === 0 ? undefined : { number, nonce: Uint8Array.of(vote), candidate: Uint8Array.of(7) };
}

interface Parsed {
  readonly number: number;
  readonly bad: boolean;
  readonly branch: number;
  readonly parentBranch: number;
  readonly vote: number;
}

function parse(raw: Uint8Array): Parsed | undefined {
  if (raw.length !== BLOCK_BYTES && raw.length !== BLOCK_BYTES + 3) return undefined;
  const number = Number(new DataView(raw.buffer, raw.byteOffset).getBigUint64(0));
  const [bad, branch = 0, parentBranch = 0, vote = 0] = raw.subarray(8);
  return { number, bad: bad === 1, branch, parentBranch, vote };
}

/** A chain of fake blocks, in memory, that keeps the promises of CHAIN and CHAIN_WRITER. */
export class FakeChain implements Chain, ChainWriter {
  private readonly blocks: Uint8Array[] = [];
  private readonly headSubject = new BehaviorSubject<ChainHead | undefined>(undefined);
  private readonly eventsSubject = new Subject<ChainEvent>();
  readonly head$: Observable<ChainHead> = this.headSubject.pipe(filter((head) => head !== undefined));
  readonly events$: Observable<ChainEvent> = this.eventsSubject.asObservable();
  readonly alarms$: Observable<never> = NEVER;
  /** Sizes of the batches that were inserted. */
  readonly batches: number[] = [];
  /** What was taken back by `rewind`: to where. */
  readonly rewinds: number[] = [];
  /** Awaited before each insert. */
  beforeInsert: () => Promise<void> = async () => {};
  engine = 'dev';
  tail = 0;
  /** Whether a branch is refused for good; else the longer one is taken. */
  isFinal = false;
  /** A block with this number is explained only if the block at `at` has the vote `vote`. */
  needs: { readonly number: number; readonly at: number; readonly vote: number }[] = [];
  /** Inserts that wait for those before them. */
  waiting = 0;
  private last: Promise<unknown> = Promise.resolve();
  private failures = 0;

  /** @param height Height of the chain at the beginning; -1 for a chain without genesis. */
  constructor(height: number) {
    this.blocks.push(...fakeBlocks(0, height));
    if (height >= 0) this.headSubject.next(this.refOf(height));
  }

  info(): ChainInfo {
    return {
      name: 'fake',
      chainId: 1,
      engine: this.engine,
      verification: 'none',
      genesisTrust: 'computed',
      genesisHash: this.blocks[0],
      tail: this.tail,
      anchor: { kind: 'genesis', number: 0, hash: this.blocks[0] },
      isStrict: false,
      trustedSets: 0,
      anomalies: { count: 0, last: undefined },
      conflicts: 0,
      degraded: undefined,
    };
  }

  head(): ChainHead | undefined {
    return this.headSubject.value;
  }

  nextHeight(): number {
    return this.blocks.length;
  }

  async validatorsAt(): Promise<undefined> {}
  async stateAfter(): Promise<undefined> {}
  async header(): Promise<undefined> {}
  async numberByHash(): Promise<undefined> {}

  async hashByNumber(number: number): Promise<Uint8Array | undefined> {
    return this.blocks[number];
  }

  async rawBlock(number: number): Promise<Uint8Array | undefined> {
    return this.blocks[number];
  }

  async rawBlocks(from: number, { maxCount }: { maxCount: number }): Promise<readonly Uint8Array[]> {
    if (from > 0 && from < this.tail)
      throw new BlockchainError({ code: 'BLOCKCHAIN.PRUNED', number: from, tail: this.tail });
    return this.blocks.slice(from, from + maxCount);
  }

  insert(rawBlocks: readonly Uint8Array[], { signal }: { signal?: AbortSignal } = {}): Promise<InsertResult> {
    const failures = this.failures;
    this.waiting++;
    const inserted = this.last.then(async () => {
      const isCancelled = this.failures > failures || signal?.aborted === true;
      if (!isCancelled) await this.beforeInsert().finally(() => this.waiting--);
      else this.waiting--;
      if (isCancelled) throw new BlockchainError({ code: 'BLOCKCHAIN.CANCELLED' });
      try {
        return this.insertNow(rawBlocks);
      } catch (error) {
        this.failures++;
        throw error;
      }
    });
    this.last = inserted.catch(() => undefined);
    return inserted;
  }

  async rewind(number: number): Promise<readonly BlockRef[]> {
    this.rewinds.push(number);
    const removed = this.cut(number);
    this.moved([], removed);
    return removed;
  }

  /** A head that did not come by sync. */
  async seal(): Promise<void> {
    await this.insert([fakeBlock(this.blocks.length)]);
  }

  private insertNow(rawBlocks: readonly Uint8Array[]): InsertResult {
    this.batches.push(rawBlocks.length);
    const inserted: BlockRef[] = [];
    const removed: BlockRef[] = [];
    try {
      for (const [i, raw] of rawBlocks.entries()) {
        const fork = this.forkAt(raw, rawBlocks.length - i);
        if (fork === 'lighter') break;
        if (fork !== undefined) removed.push(...this.cut(fork));
        const number = this.verified(raw);
        if (number === undefined) continue;
        this.blocks.push(raw);
        inserted.push(this.refOf(number));
      }
    } finally {
      if (inserted.length > 0) this.moved(inserted, removed);
    }
    return { inserted, head: this.refOf(this.blocks.length - 1) };
  }

  private moved(added: readonly BlockRef[], removed: readonly BlockRef[]): void {
    this.headSubject.next(this.refOf(this.blocks.length - 1));
    this.eventsSubject.next({ type: 'head:changed', added, removed, source: 'sync', atMs: 0 });
  }

  private cut(number: number): BlockRef[] {
    const removed: BlockRef[] = [];
    while (this.blocks.length > number + 1) {
      removed.push(this.refOf(this.blocks.length - 1));
      this.blocks.pop();
    }
    return removed;
  }

  /** The number behind which a branch begins that outweighs ours; undefined when the block is none of a branch. */
  private forkAt(raw: Uint8Array, blocksLeft: number): number | 'lighter' | undefined {
    const block = parse(raw);
    const ours = block && parse(this.blocks[block.number] ?? new Uint8Array());
    if (block === undefined || ours === undefined || ours.branch === block.branch) return undefined;
    const { number } = block;
    if (!this.isChild(block)) throw new BlockchainError({ code: 'BLOCKCHAIN.UNKNOWN_PARENT', number });
    if (this.isFinal) throw new BlockchainError({ code: 'BLOCKCHAIN.FINALITY_CONFLICT', number, reason: '' });
    return number + blocksLeft > this.blocks.length ? number - 1 : 'lighter';
  }

  private isChild({ number, parentBranch }: Parsed): boolean {
    const parent = parse(this.blocks[number - 1] ?? new Uint8Array());
    return number === 0 || parent?.branch === parentBranch;
  }

  /** The block's number; undefined when it is known already. */
  private verified(raw: Uint8Array): number | undefined {
    const block = parse(raw);
    if (block === undefined) throw new BlockchainError({ code: 'BLOCKCHAIN.UNDECODABLE', reason: 'length' });
    const { number } = block;
    const expected = this.blocks.length;
    if (number < expected) return undefined;
    if (number > expected) throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEQUENCE', number, expected });
    if (!this.isChild(block)) throw new BlockchainError({ code: 'BLOCKCHAIN.UNKNOWN_PARENT', number });
    if (block.bad) {
      const rule = 'ibft.committed-quorum';
      throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_SEAL', number, rule, reason: 'quorum' });
    }
    const turned = this.needs.filter((need) => need.number === number && this.voteAt(need.at) !== need.vote);
    if (turned.length === 0) return number;
    const suspects = turned.map(({ at }) => at);
    throw new BlockchainError({ code: 'BLOCKCHAIN.SET_UNEXPLAINED', number, suspects, reason: 'signers' });
  }

  private voteAt(number: number): number | undefined {
    return parse(this.blocks[number] ?? new Uint8Array())?.vote;
  }

  private refOf(number: number): ChainHead {
    return { number, hash: this.blocks[number] ?? fakeBlock(number), timestamp: BigInt(number) };
  }
}
