import type { PoolBook, PoolEntry } from '../../src/modules/txpool/pool/pool-book.js';
import type { TransactionSource } from '../../src/modules/txpool/ports/txpool.port.js';
import { TxPoolError } from '../../src/modules/txpool/txpool.errors.js';

/** Of which peers may fill 8 slots and 160,000 bytes, and one neighbour 4 slots. */
export const poolLimits = { maxSlots: 10, maxBytes: 200_000, maxPerSender: 3 };

export interface EntryDraft {
  readonly hash?: string;
  readonly sender?: string;
  readonly nonce?: bigint;
  readonly bytes?: number;
  readonly price?: bigint;
  readonly tip?: bigint;
  readonly source?: TransactionSource;
  /** The neighbour that brought it: it is gossip. */
  readonly from?: string;
}

export const anEntry = (draft: EntryDraft = {}): PoolEntry => {
  const { sender = 'a', nonce = 0n, price = 10n, tip = price, bytes = 100, from } = draft;
  const { source = from === undefined ? 'rpc' : 'gossip' } = draft;
  return {
    hash: draft.hash ?? `${sender}/${nonce}/${price}/${tip}/${bytes}`,
    sender,
    nonce,
    raw: new Uint8Array(bytes),
    feeCap: price,
    tipCap: tip,
    source,
    receivedAtMs: 0,
    expiresAtMs: 0,
    ...(source === 'gossip' ? { receivedFrom: from ?? 'neighbour' } : {}),
  };
};

/** `taken`, the hashes of those whose place it took, or why not. */
export const admitted = (book: PoolBook, draft: EntryDraft, baseFee = 0n): string => {
  try {
    const { replaced, displaced } = book.admit(anEntry(draft), baseFee);
    const gone = replaced === undefined ? displaced : [replaced, ...displaced];
    return gone.map(({ hash }) => hash).join(' ') || 'taken';
  } catch (error) {
    if (!(error instanceof TxPoolError)) throw error;
    return error.code.replace('TXPOOL.', '');
  }
};
