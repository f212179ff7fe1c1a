import type { Observable } from 'rxjs';
import type { TxPoolEvent } from '../txpool.events.js';

export const TXPOOL = Symbol('TXPOOL');

/** Who brought a transaction: an operator by AddTxn, a caller of JSON-RPC, or a peer. */
export type TransactionSource = 'operator' | 'rpc' | 'gossip';

/** What is not judged before a transaction is taken, since only the state could tell. */
export const NOT_JUDGED: readonly string[] = ['nonce', 'balance'];

export interface PooledTransaction {
  /** 0x, lower-case hex; in the form that the forks of the chain ask for. */
  readonly hash: string;
  /** EIP-2718 form: the list of a legacy transaction, or the type byte and the list. */
  readonly raw: Uint8Array;
  /** 0x, lower-case hex; from the signature. */
  readonly sender: string;
  readonly nonce: bigint;
  /** Wall time. */
  readonly receivedAtMs: number;
  readonly source: TransactionSource;
}

/** Transactions that are known and not mined. */
export interface TxPool {
  /** Facts: no replay. */
  readonly events$: Observable<TxPoolEvent>;

  /**
   * Checks as far as that needs no state, keeps, and hands to the peers; resolves once that was tried. What reached no
   * peer is handed to them again and again, for as long as it is kept.
   * @param sender 0x hex, in any case; when given, it must be the sender that the signature says.
   * @throws {TxPoolError} before anything is kept
   */
  add(raw: Uint8Array, source: 'operator' | 'rpc', sender?: string): Promise<PooledTransaction>;

  /** @param hash 0x, lower-case hex. */
  get(hash: string): PooledTransaction | undefined;

  /** How many are known and not mined. */
  size(): number;
}
