import type { Method } from '../calls/method.js';
import type { ReadBlock } from '../objects/block.mapper.js';
import { blockObject, type ChainForms, minedTransaction } from '../objects/block.mapper.js';
import { quantity } from '../objects/quantity.js';
import type { BlockReader } from './block-reader.js';

/** Methods that read blocks. What is not there is null. */
export function blockMethods(reader: BlockReader, forms: ChainForms): Record<string, Method> {
  const count = (found: ReadBlock | undefined) => found && quantity(found.block.transactions.length);
  const transactionAt = (found: ReadBlock | undefined, index: number | 'beyond') =>
    found && index !== 'beyond' ? minedTransaction(found, index, forms) : null;
  return {
    eth_blockNumber: () => quantity(reader.headNumber()),
    eth_getBlockByNumber: async (params) => {
      const isFull = params.flag(1, 'fullTransactions');
      const found = await reader.byTag(params.blockTag(0, 'blockNumber'));
      return found && blockObject(found, isFull, forms);
    },
    eth_getBlockByHash: async (params) => {
      const isFull = params.flag(1, 'fullTransactions');
      const found = await reader.byHash(params.hash(0, 'blockHash'));
      return found && blockObject(found, isFull, forms);
    },
    eth_getBlockTransactionCountByNumber: async (params) =>
      count(await reader.byTag(params.blockTag(0, 'blockNumber'))),
    eth_getBlockTransactionCountByHash: async (params) =>
      count(await reader.byHash(params.hash(0, 'blockHash'))),
    eth_getTransactionByBlockNumberAndIndex: async (params) => {
      const index = params.index(1, 'index');
      return transactionAt(await reader.byTag(params.blockTag(0, 'blockNumber')), index);
    },
    eth_getTransactionByBlockHashAndIndex: async (params) => {
      const index = params.index(1, 'index');
      return transactionAt(await reader.byHash(params.hash(0, 'blockHash')), index);
    },
  };
}
