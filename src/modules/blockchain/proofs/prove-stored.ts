import { join } from 'node:path';
import type { Logger } from '../../../common/logger.port.js';
import { openBlockStore } from '../adapters/open-block-store.js';
import type { BlockchainConfig } from '../blockchain.config.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { buildHeaderProof, type HeaderProofOptions } from './build-header-proof.js';
import { buildTransactionProof } from './build-transaction-proof.js';
import type { HeaderProof, TransactionProof } from './proof.types.js';
import { proofSource } from './proof-source.js';

export interface ProveStoredOptions {
  readonly chain: ChainConfig;
  readonly config: Pick<BlockchainConfig, 'store'>;
  readonly log: Logger;
}

/** What is to be proved. */
export interface ProofSubject extends HeaderProofOptions {
  /** Height of the block. */
  readonly number: number;
  /** Position of a transaction in it; without it the header is proved. */
  readonly index?: number;
}

/**
 * Builds a proof from the store of a data folder.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED while a node runs on it, BLOCKCHAIN.PROOF_UNAVAILABLE
 */
export async function proveStored(
  dataDir: string,
  { number, index, ...options }: ProofSubject,
  { chain, config, log }: ProveStoredOptions,
): Promise<HeaderProof | TransactionProof> {
  const path = join(dataDir, 'edgekeeper', 'blocks');
  const store = await openBlockStore({ kind: config.store, path, log });
  try {
    const source = proofSource(store);
    if (index === undefined) return await buildHeaderProof(source, chain, number, options);
    return await buildTransactionProof(source, chain, { number, index }, options);
  } finally {
    await store.close();
  }
}
