import { CHAIN, type Chain } from '../modules/blockchain/index.js';
import { PEERS, type Peers } from '../modules/network/index.js';
import { SYNC, type Sync } from '../modules/sync/index.js';
import type { EdgekeeperNode } from '../node/create-node.js';

/** A node as the application around it sees it. It starts and stops with that application. */
export class Edgekeeper {
  readonly chain: Chain;
  readonly peers: Peers;
  readonly sync: Sync;
  readonly #node: EdgekeeperNode;

  constructor(node: EdgekeeperNode) {
    this.#node = node;
    this.chain = node.app.get<Chain>(CHAIN);
    this.peers = node.app.get<Peers>(PEERS);
    this.sync = node.app.get<Sync>(SYNC);
  }

  /** The operator port in use; 0 before the application has started. */
  get operatorPort(): number {
    return this.#node.operatorPort();
  }

  /** Any other port of the node, by its token. @throws {Error} of Nest when there is none */
  get<T>(token: symbol): T {
    return this.#node.app.get<T>(token);
  }
}
