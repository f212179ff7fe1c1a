import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock, genesisBlock, rawHeaderOf } from '../codec/block.codec.js';
import { verifyStructure } from '../consensus/verify-structure.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { matchesGenesis } from '../genesis/genesis-header.js';
import type { Consensus } from '../ports/consensus.port.js';
import type { Block, Header, VerifiedBlock } from '../ports/types.js';

/** The newest block, as far as verifying the next one needs it. */
export interface Tip {
  readonly header: Header;
  readonly hash: Uint8Array;
}

export interface BlockVerifierOptions {
  readonly config: ChainConfig;
  readonly consensus: Consensus;
  readonly maxBlockBytes: number;
}

/** All rules for one block; knows nothing of the store. */
export class BlockVerifier {
  private readonly options: BlockVerifierOptions;

  constructor(options: BlockVerifierOptions) {
    this.options = options;
  }

  /**
   * @param expected The number that the block should have, for errors about bytes in which no number can be read.
   * @throws {BlockchainError} BLOCKCHAIN.TOO_LARGE | BLOCKCHAIN.UNDECODABLE | BLOCKCHAIN.NOT_CANONICAL
   */
  decode(raw: Uint8Array, expected: number): Block {
    const { maxBlockBytes } = this.options;
    if (raw.length > maxBlockBytes) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.TOO_LARGE', number: expected, maxBytes: maxBlockBytes });
    }
    return decodeNumbered(raw, expected);
  }

  /** @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA */
  hash({ header }: Block): Uint8Array {
    return this.options.consensus.headerHash(header);
  }

  /** @throws {BlockchainError} whatever structure or engine find wrong */
  verify(block: Block, hash: Uint8Array, parent: Tip): VerifiedBlock {
    const { config, consensus } = this.options;
    const { header } = block;
    const hashWithType = config.forks.isActive('txHashWithType', header.number);
    verifyStructure(block, parent.header, parent.hash, { hashWithType });
    consensus.verifyHeader(header, hash, parent.header);
    return storable(block, hash);
  }

  /**
   * A block that may be block 0: every field that the genesis file fixes agrees.
   * @throws {BlockchainError} BLOCKCHAIN.GENESIS_MISMATCH
   */
  verifyGenesis(block: Block): VerifiedBlock {
    const fields = matchesGenesis(this.options.config, block.header);
    if (fields.length > 0) throw mismatch(`${fields.join(', ')} of the block differ from the file`);
    if (!bytesEqual(block.raw, genesisBlock(block.header))) throw mismatch('the block is not empty');
    return storable(block, this.hash(block));
  }
}

function storable({ header, raw }: Block, hash: Uint8Array): VerifiedBlock {
  const { number, parentHash, difficulty } = header;
  return { number, hash, parentHash, raw, rawHeader: rawHeaderOf(raw), difficulty };
}

function decodeNumbered(raw: Uint8Array, expected: number): Block {
  try {
    return decodeBlock(raw);
  } catch (cause) {
    if (!(cause instanceof BlockchainError) || 'number' in cause.detail) throw cause;
    throw new BlockchainError({ ...cause.detail, number: expected } as BlockchainError['detail'], cause);
  }
}

export function mismatch(reason: string): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISMATCH', reason });
}
