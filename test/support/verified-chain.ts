import { type JudgedChunk, judgeChunk } from '../../src/modules/blockchain/chain/judge-chunk.js';
import type { Tip } from '../../src/modules/blockchain/chain/tip.js';
import { decodeBlock } from '../../src/modules/blockchain/codec/block.codec.js';
import { createConsensus } from '../../src/modules/blockchain/consensus/create-consensus.js';
import type { ChainConfig } from '../../src/modules/blockchain/genesis/chain-config.js';
import { parseGenesis } from '../../src/modules/blockchain/genesis/parse-genesis.js';
import type { Consensus, EngineState } from '../../src/modules/blockchain/ports/consensus.port.js';
import type { Block } from '../../src/modules/blockchain/ports/types.js';
import { type ExaminedChunk, examineChunk } from '../../src/modules/blockchain/verification/examine-chunk.js';
import type { BuiltChain } from './chain-builder/index.js';
import { type Network, readBackup } from './fixtures.js';
import { readGenesisText } from './genesis-texts.js';

export const MAX_BLOCK_BYTES = 1_000_000;

export interface VerdictOptions {
  /** True. */
  readonly isStrict?: boolean;
  /** The time of the chain's newest block. */
  readonly nowMs?: number;
  /** That the blocks are judged from; what is after their parent. */
  readonly state?: EngineState;
}

/** A chain whose every block was verified, strictly, with the engine's state after each. */
export class VerifiedChain {
  readonly consensus: Consensus;
  readonly blocks: readonly Block[];
  readonly hashes: readonly Uint8Array[];
  /** By height. */
  readonly states: readonly EngineState[];
  private readonly nowMs: number;

  private constructor(
    readonly name: string,
    readonly config: ChainConfig,
    readonly raws: readonly Uint8Array[],
    consensus: Consensus,
  ) {
    this.consensus = consensus;
    this.blocks = raws.map((raw) => decodeBlock(raw));
    this.hashes = this.blocks.map(({ header }) => consensus.headerHash(header));
    this.nowMs = Number(this.blockAt(this.height).header.timestamp) * 1_000;
    const states = [consensus.stateAfterGenesis(this.blockAt(0).header)];
    this.states = states;
    const { blocks, refusal } = this.examine(0, raws.slice(1));
    if (refusal !== undefined) throw new Error(`${name}: ${JSON.stringify(refusal, hideBigints)}`);
    for (const { evidence } of blocks) {
      const { state, anomalies } = consensus.judge(evidence, this.stateAt(states.length - 1), this.nowMs);
      const unexpected = anomalies.filter(({ rule }) => rule !== 'ibft.trusted-epoch');
      if (unexpected.length > 0) throw new Error(`${name}: ${JSON.stringify(unexpected)}`);
      states.push(state);
    }
  }

  /** @throws {Error} when a block is refused or has an anomaly */
  static async of(name: string, config: ChainConfig, raws: readonly Uint8Array[]): Promise<VerifiedChain> {
    const consensus = createConsensus(config);
    await consensus.prepare();
    return new VerifiedChain(name, config, raws, consensus);
  }

  static recorded(network: Network): Promise<VerifiedChain> {
    return VerifiedChain.of(network, parseGenesis(readGenesisText(network)), readBackup(network).blocks);
  }

  static built(name: string, chain: BuiltChain): Promise<VerifiedChain> {
    return VerifiedChain.of(name, chain.config, chain.blocks);
  }

  get height(): number {
    return this.raws.length - 1;
  }

  rawAt(number: number): Uint8Array {
    return itemAt(this.raws, number);
  }

  blockAt(number: number): Block {
    return itemAt(this.blocks, number);
  }

  hashAt(number: number): Uint8Array {
    return itemAt(this.hashes, number);
  }

  stateAt(number: number): EngineState {
    return itemAt(this.states, number);
  }

  /** What is known of blocks behind the one at `parent` from their bytes alone. */
  examine(
    parent: number,
    blocks: readonly Uint8Array[],
    hint: Uint8Array = this.stateAt(parent).encoded,
  ): ExaminedChunk {
    const { consensus, config } = this;
    const rules = { consensus, forks: config.forks, maxBlockBytes: MAX_BLOCK_BYTES };
    return examineChunk({ parent: this.rawAt(parent), blocks, hint }, rules);
  }

  /** What becomes of these blocks when they come as the next ones behind the one at `parent`. */
  verdictOn(
    parent: number,
    blocks: readonly Uint8Array[],
    { isStrict = true, nowMs = this.nowMs, state = this.stateAt(parent) }: VerdictOptions = {},
  ): JudgedChunk {
    const examined = this.examine(parent, blocks, state.encoded);
    const { consensus } = this;
    return judgeChunk(blocks, examined, this.tipAt(parent, state), {
      consensus,
      isStrict,
      anchor: undefined,
      votesConfirmed: false,
      nowMs,
    });
  }

  private tipAt(number: number, state: EngineState): Tip {
    const { timestamp } = this.blockAt(number).header;
    return { number, hash: this.hashAt(number), timestamp, raw: this.rawAt(number), state };
  }
}

/** An item that must be there. */
export function itemAt<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index} of ${items.length}`);
  return item;
}

const hideBigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
