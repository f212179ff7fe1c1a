import { describe, expect, it } from '@jest/globals';
import { CHAIN, VOTING } from '../modules/blockchain/index.js';
import { PEERS } from '../modules/network/index.js';
import { SYNC } from '../modules/sync/index.js';
import { TXPOOL } from '../modules/txpool/index.js';
import { Edgekeeper } from './edgekeeper.js';
import { getEdgekeeperToken } from './edgekeeper-token.js';

const all = [Edgekeeper, CHAIN, PEERS, SYNC, TXPOOL, VOTING];

describe(getEdgekeeperToken.name, () => {
  it('is the port itself for the one node without a name', () => {
    expect(all.map((port) => getEdgekeeperToken(port))).toEqual(all);
  });

  it('differs by port and by name, and is the same each time', () => {
    const tokens = ['a', 'b'].flatMap((name) => all.map((port) => getEdgekeeperToken(port, name)));
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(getEdgekeeperToken(CHAIN, 'a')).toBe(getEdgekeeperToken(CHAIN, 'a'));
  });
});
