import { toHex } from '../../../common/bytes.js';
import { readEnvelope } from '../../blockchain/index.js';
import { type PooledTransaction, type TxPool, TxPoolError } from '../../txpool/index.js';
import type { Method } from '../calls/method.js';
import { MAX_REQUEST_BYTES } from '../jsonrpc.config.js';
import { JsonRpcError } from '../jsonrpc.errors.js';
import { type ChainForms, minedTransaction } from '../objects/block.mapper.js';
import { transactionObject } from '../objects/transaction.mapper.js';
import type { BlockReader } from './block-reader.js';
import type { RecentTransactions } from './recent-transactions.js';

/** Methods about single transactions. Without a pool none is pending, and none is taken. */
export function transactionMethods(
  reader: BlockReader,
  recent: RecentTransactions,
  pool: TxPool | undefined,
  forms: ChainForms,
): Record<string, Method> {
  const mined = async (hash: Uint8Array) => {
    const place = await recent.find(hash);
    const found = place && (await reader.byNumber(place.number));
    const object = found && minedTransaction(found, place.index, forms);
    // The block may have been replaced in between.
    return object?.hash === toHex(hash) ? object : undefined;
  };
  return {
    eth_getTransactionByHash: async (params) => {
      const hash = params.hash(0, 'transactionHash');
      const pooled = pool?.get(toHex(hash));
      return (await mined(hash)) ?? (pooled && pooledTransaction(pooled, forms));
    },
    eth_sendRawTransaction: async (params) => {
      // The pool says by itself what is too large, in its words.
      const raw = params.data(0, 'transaction', MAX_REQUEST_BYTES);
      if (pool === undefined) throw new JsonRpcError({ code: 'JSONRPC.NO_POOL' });
      try {
        return (await pool.add(raw, 'rpc')).hash;
      } catch (error) {
        if (!(error instanceof TxPoolError)) throw error;
        throw new JsonRpcError({ code: 'JSONRPC.TRANSACTION_REFUSED', reason: error.message }, error);
      }
    },
  };
}

function pooledTransaction({ raw, hash }: PooledTransaction, { chainId }: ChainForms): unknown {
  return transactionObject(readEnvelope(raw), hash, chainId, undefined);
}
