import { NetworkNode, type NetworkNodeOptions } from './network-node.js';

/** The nodes of a test, which end with it. */
export class NetworkNodes {
  readonly #cleanups: (() => unknown)[] = [];

  async start(options: NetworkNodeOptions): Promise<NetworkNode> {
    const node = await NetworkNode.start(options);
    this.#cleanups.push(() => node.stop());
    return node;
  }

  /** Something else that is to be undone at the end. */
  after(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  async stop(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }
}
