export { priceAt } from './check/check-transaction.js';
export {
  NOT_JUDGED,
  type PooledTransaction,
  type TransactionSource,
  TXPOOL,
  type TxPool,
} from './ports/txpool.port.js';
export { TxPoolError, type TxPoolErrorDetail } from './txpool.errors.js';
export type { DropReason, TxPoolEvent } from './txpool.events.js';
export { TxPoolModule } from './txpool.module.js';
