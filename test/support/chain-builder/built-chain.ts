import {
  decodeBlock,
  EMPTY_UNCLES_HASH,
  encodeBlock,
  genesisBlock,
} from '../../../src/modules/blockchain/codec/block.codec.js';
import { transactionsRoot } from '../../../src/modules/blockchain/codec/transaction.codec.js';
import { keccak256 } from '../../../src/modules/blockchain/crypto/keccak.js';
import type { ChainConfig } from '../../../src/modules/blockchain/genesis/chain-config.js';
import { genesisHeader } from '../../../src/modules/blockchain/genesis/genesis-header.js';
import { parseGenesis } from '../../../src/modules/blockchain/genesis/parse-genesis.js';
import type { HashedHeader } from '../../../src/modules/blockchain/ports/consensus.port.js';
import type { Header, RawTransaction } from '../../../src/modules/blockchain/ports/types.js';
import { EMPTY_TRIE_ROOT } from '../../../src/modules/blockchain/trie/trie.js';

/** A header before its extra data is written. */
export type Draft = Omit<Header, 'extraData'>;

/** What a test may say of a block on every engine. */
export interface BlockOptions {
  readonly transactions?: readonly RawTransaction[];
  /** 21,000 a transaction unless told. */
  readonly gasUsed?: bigint;
  /** The parent's unless told. */
  readonly gasLimit?: bigint;
  /** Seconds; the parent's and a block time unless told. */
  readonly timestamp?: bigint;
  /** Changes the header before it is hashed and signed. */
  readonly mutateHeader?: (draft: Draft) => Draft;
  /** Changes the header when all is signed; the hash that children point to is the one from before. */
  readonly tamper?: (sealed: Header) => Header;
}

export interface BuiltBlock extends HashedHeader {
  readonly number: number;
  /** Canonical RLP. */
  readonly raw: Uint8Array;
}

type EngineFields = Pick<Draft, 'miner' | 'nonce' | 'mixHash' | 'difficulty' | 'baseFee'>;

const GAS_OF_TRANSFER = 21_000n;
const NO_BLOOM = new Uint8Array(256);

/** A chain that grows block by block, each valid unless told otherwise. */
export abstract class BuiltChain {
  readonly config: ChainConfig;
  /** Canonical RLP by height, from genesis on. */
  readonly blocks: Uint8Array[] = [];
  readonly hashes: Uint8Array[] = [];
  protected tip: HashedHeader;

  constructor(
    /** genesis.json. */
    readonly genesisText: string,
    genesis?: Header,
  ) {
    this.config = parseGenesis(genesisText);
    const header = genesis ?? genesisHeader(this.config)?.header;
    if (header === undefined) throw new Error('no genesis');
    this.tip = { header, hash: this.headerHash(header) };
    this.blocks.push(genesisBlock(header));
    this.hashes.push(this.tip.hash);
  }

  /** Block 0, raw. */
  get genesis(): Uint8Array {
    return this.blockAt(0);
  }

  get head(): HashedHeader {
    return this.tip;
  }

  get height(): number {
    return this.tip.header.number;
  }

  blockAt(number: number): Uint8Array {
    const raw = this.blocks[number];
    if (raw === undefined) throw new Error(`there is no block ${number}`);
    return raw;
  }

  hashAt(number: number): Uint8Array {
    const hash = this.hashes[number];
    if (hash === undefined) throw new Error(`there is no block ${number}`);
    return hash;
  }

  /** Appends blocks as they come by default. */
  grow(count: number): this {
    for (let block = 0; block < count; block++) this.seal();
    return this;
  }

  abstract seal(options?: BlockOptions): BuiltBlock;
  /** A chain of its own that goes on from a block of this one. */
  abstract fork(at: number): BuiltChain;

  protected abstract headerHash(header: Header): Uint8Array;

  /** Blocks and hashes of another chain up to a height, in place of what is here. */
  protected copyFrom(other: BuiltChain, at: number): void {
    this.blocks.length = 0;
    this.hashes.length = 0;
    for (let number = 0; number <= at; number++) {
      this.blocks.push(other.blockAt(number));
      this.hashes.push(other.hashAt(number));
    }
    this.tip = { header: decodeBlock(this.blockAt(at)).header, hash: this.hashAt(at) };
  }

  protected draft(options: BlockOptions, engine: EngineFields): Draft {
    const { header: parent, hash } = this.tip;
    const { transactions = [], mutateHeader = (draft) => draft } = options;
    const number = parent.number + 1;
    const hashWithType = this.config.forks.isActive('txHashWithType', number);
    const isEmpty = transactions.length === 0;
    return mutateHeader({
      ...engine,
      parentHash: hash,
      sha3Uncles: EMPTY_UNCLES_HASH,
      stateRoot: parent.stateRoot,
      txRoot: isEmpty ? EMPTY_TRIE_ROOT : transactionsRoot(transactions, { hashWithType }),
      // Nobody who checks these blocks can know the receipts.
      receiptsRoot: isEmpty ? EMPTY_TRIE_ROOT : keccak256(hash),
      logsBloom: NO_BLOOM,
      number,
      gasLimit: options.gasLimit ?? parent.gasLimit,
      gasUsed: options.gasUsed ?? BigInt(transactions.length) * GAS_OF_TRANSFER,
      timestamp: options.timestamp ?? parent.timestamp + this.blockSeconds,
    });
  }

  protected append({ header, hash }: HashedHeader, { transactions = [], tamper }: BlockOptions): BuiltBlock {
    const shown = tamper === undefined ? header : tamper(header);
    const raw = encodeBlock({ header: shown, transactions });
    this.blocks.push(raw);
    this.hashes.push(hash);
    this.tip = { header: shown, hash };
    return { header: shown, hash, number: header.number, raw };
  }

  private get blockSeconds(): bigint {
    const { engine } = this.config;
    return 'blockTimeMs' in engine ? BigInt(Math.ceil(engine.blockTimeMs / 1_000)) : 1n;
  }
}
