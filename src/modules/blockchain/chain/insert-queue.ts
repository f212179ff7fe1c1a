import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock, numberOf } from '../codec/block.codec.js';
import type { Consensus, EngineState } from '../ports/consensus.port.js';
import type { ExaminedChunk } from '../verification/examine-chunk.js';
import type { Examiner } from '../verification/examiner.js';
import type { Tip } from './tip.js';

/** What blocks that continue the queue follow; verified or not. */
interface QueueEnd {
  readonly number: number;
  readonly raw: Uint8Array;
  /** Undefined where it shows only once these blocks are stored. */
  readonly state: EngineState | undefined;
}

/** An examination that began before the turn of its blocks. */
export interface ExaminedAhead {
  /** Block RLP that was taken for what they follow; the same object as the tip's where it proved right. */
  readonly parent: Uint8Array;
  readonly chunk: Promise<ExaminedChunk>;
}

/** A turn of the queue. */
export type Turn<T> = (ahead: ExaminedAhead | undefined) => Promise<T>;

/**
 * Carries out inserts one after another, while the blocks of those that wait are examined already. An insert that continues
 * one which fails is cancelled.
 */
export class InsertQueue {
  private end: QueueEnd | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly consensus: Consensus,
    private readonly examiner: Examiner,
    /** Of what is stored. */
    private readonly tip: () => Tip | undefined,
  ) {}

  /** Once all that was asked for so far is done or failed. Never rejects. */
  get settled(): Promise<void> {
    return this.last.then(
      () => undefined,
      () => undefined,
    );
  }

  insert<T>(blocks: readonly Uint8Array[], turn: Turn<T>): Promise<T> {
    const isAlone = this.waiting === 0;
    const end = isAlone ? this.tip() : this.end;
    const [first] = blocks;
    const continues = end !== undefined && first !== undefined && numberOf(first) === end.number + 1;
    const ahead = continues ? this.examineAhead(blocks, end) : undefined;
    this.end = this.endAfter(blocks, continues ? end.state : undefined);
    return this.enqueue(!isAlone && continues, () => turn(ahead));
  }

  /** Anything else that changes the chain. */
  run<T>(action: () => Promise<T>): Promise<T> {
    this.end = undefined;
    return this.enqueue(false, action);
  }

  private enqueue<T>(needsBefore: boolean, action: () => Promise<T>): Promise<T> {
    this.waiting += 1;
    const done = this.last
      .then(action, (cause: unknown) => {
        if (!needsBefore) return action();
        const reason = 'the blocks before were not stored';
        throw new BlockchainError({ code: 'BLOCKCHAIN.CANCELLED', reason }, cause);
      })
      .finally(() => {
        this.waiting -= 1;
      });
    this.last = done;
    // The caller has the failure; the next turn asks for it only where it must.
    done.catch(() => undefined);
    return done;
  }

  private examineAhead(blocks: readonly Uint8Array[], { raw, state }: QueueEnd): ExaminedAhead | undefined {
    if (state === undefined) return undefined;
    const chunk = this.examiner.examine({ parent: raw, blocks, hint: state.encoded });
    // It is looked at in its turn; until then a failure has nobody who listens.
    chunk.catch(() => undefined);
    return { parent: raw, chunk };
  }

  private endAfter(blocks: readonly Uint8Array[], before: EngineState | undefined): QueueEnd | undefined {
    const raw = blocks.at(-1);
    const number = raw && numberOf(raw);
    if (raw === undefined || number === undefined) return undefined;
    return { number, raw, state: before && this.foresee(before, blocks) };
  }

  private foresee(state: EngineState, blocks: readonly Uint8Array[]): EngineState | undefined {
    try {
      return this.consensus.foresee(state, () => blocks.map((block) => decodeBlock(block).header));
    } catch (error) {
      if (!(error instanceof BlockchainError)) throw error;
      // These blocks will be refused; what follows them is cancelled then.
      return undefined;
    }
  }
}
