import type { Params } from './params.js';

/** Whoever calls: a WebSocket can be told of what happens later, an HTTP request cannot. */
export interface Caller {
  /** @throws {JsonRpcError} JSONRPC.TOO_MANY_SUBSCRIPTIONS */
  subscribeToHeads(): string;
  unsubscribe(id: string): boolean;
}

/** Gives the result as it is to be written: plain values that JSON knows. `caller` is undefined over HTTP. */
export type Method = (params: Params, caller: Caller | undefined) => unknown;

export type MethodTable = ReadonlyMap<string, Method>;
