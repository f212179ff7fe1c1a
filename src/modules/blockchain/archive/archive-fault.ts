import { BlockchainError } from '../blockchain.errors.js';

/** What is wrong with an archive. @param offset Where, in bytes from its start. */
export function archiveFault(offset: number, reason: string, cause?: unknown): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.ARCHIVE_INVALID', offset, reason }, cause);
}
