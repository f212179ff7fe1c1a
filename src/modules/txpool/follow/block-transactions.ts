import { toHex } from '../../../common/bytes.js';
import {
  decodeBlock,
  decodeTransaction,
  type RawTransaction,
  recoverSender,
  type Transaction,
  TransactionType,
  transactionHash,
} from '../../blockchain/index.js';
import type { MinedTransaction } from '../pool/pending-pool.js';
import type { TxPoolSetup } from '../txpool.config.js';

/** What the transactions of a stored block mean to the pool; state transactions mean nothing to it. */
export function transactionsOf(rawBlock: Uint8Array, { chainId, forks }: TxPoolSetup): MinedTransaction[] {
  const { header, transactions } = decodeBlock(rawBlock);
  const rules = { hashWithType: forks.isActive('txHashWithType', header.number) };
  const ofSenders = transactions.filter(({ type }) => type !== TransactionType.STATE);
  return ofSenders.map((raw) => new StoredTransaction(toHex(transactionHash(raw, rules)), raw, chainId));
}

class StoredTransaction implements MinedTransaction {
  private decoded: Transaction | undefined;

  constructor(
    readonly hash: string,
    private readonly raw: RawTransaction,
    private readonly chainId: number,
  ) {}

  nonce(): bigint {
    return this.read().nonce;
  }

  sender(): string | undefined {
    const sender = recoverSender(this.read(), this.chainId);
    return sender && toHex(sender);
  }

  private read(): Transaction {
    this.decoded ??= decodeTransaction(this.raw);
    return this.decoded;
  }
}
