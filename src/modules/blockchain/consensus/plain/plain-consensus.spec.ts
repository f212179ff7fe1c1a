import { type NestedUint8Array, RLP } from '@ethereumjs/rlp';
import { describe, expect, it } from '@jest/globals';
import { consensusContract } from '../../../../../test/contract/consensus.contract.js';
import { devChain } from '../../../../../test/support/chain-builder/index.js';
import { decodeBlock } from '../../codec/block.codec.js';
import { keccak256 } from '../../crypto/keccak.js';
import { PlainConsensus } from './plain-consensus.js';

describe.each(['dev', 'dummy'] as const)('%s', (engine) => {
  consensusContract(engine, { build: () => devChain({ engine }).grow(7) });

  it('hashes the whole header, and what it takes can be replaced', () => {
    const consensus = new PlainConsensus(engine);
    const raw = devChain({ engine }).seal().raw;
    const [items] = RLP.decode(raw) as NestedUint8Array;
    expect(consensus.headerHash(decodeBlock(raw).header)).toEqual(keccak256(RLP.encode(items)));
    expect(consensus).toMatchObject({ engine, isFinal: false, verification: 'structure' });
  });
});
