/**
 * Why a transaction was given up: another one with its sender and nonce was mined, or came with a higher price; its time
 * was over; or there was no room for it, since others that peers brought pay more or since its block was taken back.
 */
export type DropReason = 'nonce-used' | 'replaced' | 'timed-out' | 'no-room';

/**
 * What becomes of a transaction. Fires after the pool changed: at `added` it has the transaction, at the others it has it
 * no more. Each transaction is `added` first, and is `added` again when the block that had it is taken back.
 */
export type TxPoolEvent =
  | { readonly type: 'txpool:added'; readonly hash: string; readonly atMs: number }
  | {
      readonly type: 'txpool:mined';
      readonly hash: string;
      readonly blockNumber: number;
      readonly atMs: number;
    }
  | {
      readonly type: 'txpool:dropped';
      readonly hash: string;
      readonly reason: DropReason;
      readonly atMs: number;
    };
