import { toHex } from '../../../common/bytes.js';
import { keccak256 } from '../../blockchain/index.js';
import type { Peers } from '../../network/index.js';
import type { Sync } from '../../sync/index.js';
import type { Caller, Method, Subscriptions } from '../calls/method.js';
import { MAX_REQUEST_BYTES } from '../jsonrpc.config.js';
import { JsonRpcError } from '../jsonrpc.errors.js';
import { quantity } from '../objects/quantity.js';

export interface NodeMethodsOptions {
  readonly chainId: number;
  readonly clientVersion: string;
  readonly peers: Peers;
  readonly sync: Sync;
}

/** Methods about this node. */
export function nodeMethods({
  chainId,
  clientVersion,
  peers,
  sync,
}: NodeMethodsOptions): Record<string, Method> {
  return {
    eth_chainId: () => quantity(chainId),
    eth_syncing: () => {
      const { state, startingHeight, currentHeight, highestHeight } = sync.progress();
      if (state !== 'syncing' || currentHeight >= highestHeight) return false;
      return {
        type: 'bulk-sync',
        startingBlock: quantity(startingHeight),
        currentBlock: quantity(currentHeight),
        highestBlock: quantity(highestHeight),
      };
    },
    net_version: () => String(chainId),
    net_listening: () => true,
    net_peerCount: () => quantity(peers.list().length),
    web3_clientVersion: () => clientVersion,
    web3_sha3: (params) => toHex(keccak256(params.data(0, 'data', MAX_REQUEST_BYTES))),
  };
}

/** Methods that only a WebSocket can use. */
export function subscriptionMethods(): Record<string, Method> {
  return {
    eth_subscribe: (params, caller) => {
      const kind = params.text(0, 'subscription');
      if (kind !== 'newHeads') {
        throw new JsonRpcError({
          code: 'JSONRPC.INVALID_PARAMS',
          param: 'subscription',
          reason: 'must be newHeads: logs need execution, and the pool is seen through v1.TxnPoolOperator',
        });
      }
      return requireSubscriptions(caller, 'eth_subscribe').subscribeToHeads();
    },
    eth_unsubscribe: (params, caller) =>
      requireSubscriptions(caller, 'eth_unsubscribe').unsubscribe(params.text(0, 'id')),
  };
}

function requireSubscriptions({ subscriptions }: Caller, method: string): Subscriptions {
  if (subscriptions !== undefined) return subscriptions;
  const reason = 'there are subscriptions over WebSocket only';
  throw new JsonRpcError({ code: 'JSONRPC.METHOD_NOT_FOUND', method, reason });
}
