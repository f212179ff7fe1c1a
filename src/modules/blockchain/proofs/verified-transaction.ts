import { toHex } from '../../../common/bytes.js';
import { readHashedForm } from '../codec/hashed-transaction.js';
import { decodeTransaction } from '../codec/transaction.codec.js';
import { recoverSender } from '../codec/transaction-sender.js';
import { keccak256 } from '../crypto/keccak.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import type { VerifiedHeader, VerifiedTransaction } from './proof.types.js';

interface TransactionContext {
  readonly config: Pick<ChainConfig, 'chainId' | 'forks'>;
  readonly header: VerifiedHeader;
  readonly index: number;
}

/**
 * A transaction in the form that users see.
 * @param raw What its hash is of.
 * @throws {BlockchainError} BLOCKCHAIN.UNDECODABLE
 */
export function verifiedTransaction(
  raw: Uint8Array,
  { config, header, index }: TransactionContext,
): VerifiedTransaction {
  const hashWithType = config.forks.isActive('txHashWithType', header.number);
  const transaction = decodeTransaction(readHashedForm(raw, { hashWithType }));
  const { type, to, nonce, value, gas, input } = transaction;
  const from = recoverSender(transaction, config.chainId);
  return {
    header,
    index,
    hash: toHex(keccak256(raw)),
    type,
    raw: toHex(raw),
    from: from && toHex(from),
    to: to && toHex(to),
    nonce,
    value,
    gas,
    input: toHex(input),
  };
}
