const STATE = 'it needs executed state, which this node has not';
const RECEIPTS = 'it needs execution: receipts and logs come of it, and this node does not execute';
const FEES = 'this node gives no advice on fees';
const FILTERS = 'there are no filters to poll; eth_subscribe newHeads over WebSocket tells of blocks';
const KEYS = 'this node holds no keys of accounts; sign elsewhere and use eth_sendRawTransaction';
const UNCLES = 'blocks of Polygon Edge have no uncles';

/** Why methods that clients know from elsewhere are not here. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ...[
    'eth_getBalance',
    'eth_getTransactionCount',
    'eth_getCode',
    'eth_getStorageAt',
    'eth_getProof',
    'eth_call',
    'eth_estimateGas',
    'eth_createAccessList',
    'eth_simulateV1',
  ].map((method) => [method, STATE] as const),
  ...['eth_getTransactionReceipt', 'eth_getBlockReceipts', 'eth_getLogs', 'eth_getFilterLogs'].map(
    (method) => [method, RECEIPTS] as const,
  ),
  ...['eth_gasPrice', 'eth_maxPriorityFeePerGas', 'eth_feeHistory', 'eth_blobBaseFee'].map(
    (method) => [method, FEES] as const,
  ),
  ...[
    'eth_newFilter',
    'eth_newBlockFilter',
    'eth_newPendingTransactionFilter',
    'eth_getFilterChanges',
    'eth_uninstallFilter',
  ].map((method) => [method, FILTERS] as const),
  ...[
    'eth_accounts',
    'eth_requestAccounts',
    'eth_sendTransaction',
    'eth_sign',
    'eth_signTransaction',
    'eth_signTypedData_v4',
  ].map((method) => [method, KEYS] as const),
  ...[
    'eth_getUncleByBlockHashAndIndex',
    'eth_getUncleByBlockNumberAndIndex',
    'eth_getUncleCountByBlockHash',
    'eth_getUncleCountByBlockNumber',
  ].map((method) => [method, UNCLES] as const),
]);

const REASONS_OF_NAMESPACES: ReadonlyMap<string, string> = new Map([
  ['debug', STATE],
  ['trace', STATE],
  ['personal', KEYS],
  ['txpool', 'the pool is seen through the operator service v1.TxnPoolOperator'],
  ['bridge', 'this node keeps no proofs of a bridge'],
  ['admin', 'peers are managed through the operator services'],
]);

/** In words for the caller; undefined where there is nothing to say but that the method is not there. */
export function reasonOfAbsence(method: string): string | undefined {
  return REASONS.get(method) ?? REASONS_OF_NAMESPACES.get(method.split('_', 1)[0] ?? '');
}
