import { expect, it } from '@jest/globals';
import { decodeBlock } from '../../../src/modules/blockchain/codec/block.codec.js';
import { verifyStructure } from '../../../src/modules/blockchain/consensus/verify-structure.js';
import { type DevChain, devChain } from './dev-chain.js';
import { transfers } from './transactions.js';

function expectLinked(chain: DevChain): void {
  chain.blocks.slice(1).forEach((raw, index) => {
    const parent = decodeBlock(chain.blockAt(index)).header;
    verifyStructure(decodeBlock(raw), parent, chain.hashAt(index), { hashWithType: false });
  });
}

it('grows a chain without seals, and branches of other weight', () => {
  const chain = devChain().grow(4);
  chain.seal({ transactions: transfers(2, { chainId: 7_332 }) });
  const heavy = chain.fork(2);
  heavy.seal({ difficulty: 100n });
  expect(heavy.height).toBe(3);
  expect(heavy.head.header.difficulty).toBe(100n);
  expect(heavy.hashAt(2)).toEqual(chain.hashAt(2));
  expect(heavy.hashAt(3)).not.toEqual(chain.hashAt(3));
  expectLinked(chain);
  expectLinked(heavy);
});
