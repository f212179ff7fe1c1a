import type { Share } from './load.js';
import type { Params } from './params.js';

/** Whoever calls. */
export interface Caller {
  /** What it may make this node hold. */
  readonly load: Share;
  /** Nobody waits for the reply any more. */
  readonly isGone: boolean;
  /** Undefined over HTTP, where nothing can be told of later. */
  readonly subscriptions: Subscriptions | undefined;
}

/** What one caller is told of later. */
export interface Subscriptions {
  /** @throws {JsonRpcError} JSONRPC.TOO_MANY_SUBSCRIPTIONS | JSONRPC.CLIENT_GONE */
  subscribeToHeads(): string;
  /** Whether there was one. */
  unsubscribe(id: string): boolean;
}

/** Gives the result as it is to be written: plain values that JSON knows. */
export type Method = (params: Params, caller: Caller) => unknown;

export type MethodTable = ReadonlyMap<string, Method>;
