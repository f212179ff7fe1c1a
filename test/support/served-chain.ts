import { afterAll, beforeAll } from '@jest/globals';
import { aKey, singleValidatorGenesis, TestNode } from './test-node.js';
import { waitFor } from './wait-for.js';

/** A node with a chain of its own that grows, for all tests of a file. */
export function servedChain(): { readonly node: TestNode; readonly address: string } {
  const validatorKey = aKey();
  let node: TestNode | undefined;
  beforeAll(async () => {
    node = await TestNode.start({ genesis: singleValidatorGenesis(validatorKey), validatorKey });
    await waitFor(node.chain.head$, ({ number }) => number >= 1);
  });
  afterAll(() => node?.stop());
  const started = () => {
    if (node === undefined) throw new Error('the node is not there before the tests begin');
    return node;
  };
  return {
    get node() {
      return started();
    },
    get address() {
      return started().operatorAddress;
    },
  };
}
