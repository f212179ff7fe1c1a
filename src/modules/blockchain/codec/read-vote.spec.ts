import { describe, expect, it } from '@jest/globals';
import type { Header } from '../ports/types.js';
import { genesisBlock } from './block.codec.js';
import { readVote } from './read-vote.js';

const header: Header = {
  parentHash: new Uint8Array(32),
  sha3Uncles: new Uint8Array(32),
  miner: new Uint8Array(20).fill(7),
  stateRoot: new Uint8Array(32),
  txRoot: new Uint8Array(32),
  receiptsRoot: new Uint8Array(32),
  logsBloom: new Uint8Array(256),
  difficulty: 300n,
  number: 300,
  gasLimit: 1n,
  gasUsed: 0n,
  timestamp: 1n,
  extraData: new Uint8Array(100),
  mixHash: new Uint8Array(32),
  nonce: new Uint8Array(8).fill(0xff),
  baseFee: 0n,
};

describe(readVote.name, () => {
  it('reads a vote', () => {
    const { number, nonce, miner: candidate } = header;
    expect(readVote(genesisBlock(header))).toEqual({ number, nonce, candidate });
  });

  it('reads the candidate of a chain with BLS validators', () => {
    const candidate = new Uint8Array(72).fill(9);
    expect(readVote(genesisBlock({ ...header, miner: candidate }))?.candidate).toEqual(candidate);
  });

  it('finds none in a block without a candidate', () => {
    expect(readVote(genesisBlock({ ...header, miner: new Uint8Array(20) }))).toBeUndefined();
  });

  it('finds none in what is no block, cut off anywhere', () => {
    const raw = genesisBlock(header);
    for (let length = 0; length < raw.length; length += 7)
      expect(readVote(raw.subarray(0, length))).toBeUndefined();
    expect(readVote(new Uint8Array(40).fill(0xc1))).toBeUndefined();
  });
});
