import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { genesisBlock } from '../codec/block.codec.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { matchesGenesis } from '../genesis/genesis-header.js';
import type { Consensus } from '../ports/consensus.port.js';
import type { Block } from '../ports/types.js';
import { decodeBounded } from '../verification/examine-chunk.js';
import { type FirstBlock, firstBlock } from './tip.js';

export interface GenesisRules {
  readonly config: ChainConfig;
  readonly consensus: Consensus;
  readonly maxBlockBytes: number;
}

/**
 * A block that may be block 0: every field that the genesis file fixes agrees.
 * @throws {BlockchainError} BLOCKCHAIN.GENESIS_MISMATCH, and for bytes that are no block
 */
export function verifyGenesis(raw: Uint8Array, rules: GenesisRules): FirstBlock {
  const { config, consensus, maxBlockBytes } = rules;
  const { header }: Block = decodeBounded(raw, 0, maxBlockBytes);
  const fields = matchesGenesis(config, header);
  if (fields.length > 0) throw mismatch(`${fields.join(', ')} of the block differ from the file`);
  if (!bytesEqual(raw, genesisBlock(header))) throw mismatch('the block is not empty');
  const hash = consensus.headerHash(header);
  return firstBlock(raw, header, hash, consensus.stateAfterGenesis(header));
}

export function mismatch(reason: string): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISMATCH', reason });
}
