import { concatBytes, toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock } from '../codec/block.codec.js';
import { hashedForm } from '../codec/transaction.codec.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import type { ProofSource } from '../ports/proof-source.port.js';
import { orderedTrieProof } from '../trie/trie.js';
import { buildHeaderProof, type HeaderProofOptions, type ProofConfig } from './build-header-proof.js';
import type { TransactionProof } from './proof.types.js';

/** Where a transaction stands. */
export interface TransactionPlace {
  /** Height of the block. */
  readonly number: number;
  /** Position in the block, from 0. */
  readonly index: number;
}

/**
 * The proof that a transaction is of the chain.
 * @throws {BlockchainError} BLOCKCHAIN.PROOF_UNAVAILABLE, also when there is no such transaction
 */
export async function buildTransactionProof(
  source: ProofSource,
  config: ProofConfig & Pick<ChainConfig, 'forks'>,
  { number, index }: TransactionPlace,
  options?: HeaderProofOptions,
): Promise<TransactionProof> {
  const raw = await source.rawBlock(number);
  const { transactions } = raw === undefined ? { transactions: [] } : decodeBlock(raw);
  if (transactions[index] === undefined) {
    const reason = raw === undefined ? 'it is not kept here' : `it has ${transactions.length} transactions`;
    throw new BlockchainError({ code: 'BLOCKCHAIN.PROOF_UNAVAILABLE', number, reason });
  }
  const rules = { hashWithType: config.forks.isActive('txHashWithType', number) };
  const values = transactions.map((transaction) => concatBytes(hashedForm(transaction, rules)));
  return {
    version: 1,
    header: await buildHeaderProof(source, config, number, options),
    index,
    nodes: orderedTrieProof(values, index).map(toHex),
  };
}
