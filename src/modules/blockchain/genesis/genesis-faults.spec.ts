import { describe, expect, it } from '@jest/globals';
import { faultsOf } from '../../../../test/support/genesis-faults.js';
import {
  aGenesisText,
  type GenesisChange,
  withEngine,
  withGenesis,
  withIbft,
  withParams,
} from '../../../../test/support/genesis-texts.js';

describe('the faults of a genesis.json', () => {
  it.each<[string, GenesisChange, string]>([
    ['no engine', withParams({ engine: {} }), 'params.engine: expected one consensus engine but found 0'],
    [
      'no engine at all',
      withParams({ engine: null }),
      'params.engine: expected one consensus engine but found 0',
    ],
    [
      'two engines',
      withParams({ engine: { ibft: {}, dev: {} } }),
      'params.engine: expected one consensus engine but found 2',
    ],
    ['an unknown engine', withEngine('clique', {}), "params.engine: consensus engine 'clique' not found"],
    [
      'an unknown fork',
      withParams({ forks: { shanghai: { block: 0 } } }),
      'params.forks: fork is not available: shanghai',
    ],
    [
      'a fork of another case',
      withParams({ forks: { London: { block: 0 } } }),
      'params.forks: fork is not available: London',
    ],
    [
      'no block time',
      withEngine('ibft', { type: 'PoA' }),
      'params.engine.ibft.blockTime: block time configuration is missing',
    ],
    [
      'a block time below 1 s',
      withIbft({ blockTime: 999_999_999 }),
      'params.engine.ibft.blockTime: block time configuration is invalid',
    ],
    [
      'a block time that is none',
      withIbft({ blockTime: 'soon' }),
      'params.engine.ibft.blockTime: block time configuration is invalid',
    ],
    ...['1d', '1h30', 's', '1.5.5s', '-1s', `${'1'.repeat(64)}s`, '1constructor'].map(
      (blockTime): [string, GenesisChange, string] => [
        `the block time ${blockTime}`,
        withIbft({ blockTime }),
        'params.engine.ibft.blockTime: block time configuration is invalid',
      ],
    ),
    [
      'a block time that is an object',
      withIbft({ blockTime: {} }),
      'params.engine.ibft.blockTime: block time configuration is invalid',
    ],
    ['no IBFT type', withIbft({ type: null }), 'params.engine.ibft: IBFT config is not defined'],
    [
      'an unknown IBFT type',
      withIbft({ type: 'PoW' }),
      'params.engine.ibft.forks.0.type: invalid IBFT type, expected PoA or PoS',
    ],
    [
      'a gap at block 0',
      withIbft({ type: null, types: [{ type: 'PoA', from: 1 }] }),
      'params.engine.ibft.forks: no entry of the fork list covers block 0',
    ],
    [
      'a gap inside the fork list',
      withIbft({
        type: null,
        types: [
          { type: 'PoS', from: 21 },
          { type: 'PoA', from: '0x0', to: 9 },
          { type: 'PoA', validator_type: 'bls', from: 5, to: 19 },
        ],
      }),
      'params.engine.ibft.forks: no entry of the fork list covers block 20',
    ],
    [
      'a fork at a negative height',
      withParams({ forks: { london: { block: -3 } } }),
      'params.forks.london.block: expected no negative number',
    ],
    [
      'an epoch of no blocks',
      withIbft({ epochSize: 0 }),
      'params.engine.ibft.epochSize: expected at least 1',
    ],
    ['no gas limit', withGenesis({ gasLimit: null }), 'genesis.gasLimit: is required'],
    [
      'a JSON number in genesis',
      withGenesis({ gasUsed: 5 }),
      'genesis.gasUsed: expected an unsigned 64-bit integer, decimal or 0x hex in a string',
    ],
    [
      'a number above 64 bits',
      withGenesis({ timestamp: '0x10000000000000000' }),
      'genesis.timestamp: expected an unsigned 64-bit integer, decimal or 0x hex',
    ],
    [
      'a number that is none',
      withGenesis({ timestamp: '0x' }),
      'genesis.timestamp: expected an unsigned 64-bit integer, decimal or 0x hex',
    ],
    ['a genesis of another height', withGenesis({ number: '0x1' }), 'genesis.number: expected 0'],
    [
      'a hash of 33 bytes',
      withGenesis({ parentHash: 'ab'.repeat(33) }),
      'genesis.parentHash: expected a hash of at most 32 bytes in hex',
    ],
    [
      'a coinbase of 19 bytes',
      withGenesis({ coinbase: 'ab'.repeat(19) }),
      'genesis.coinbase: expected an address of 20 bytes in hex',
    ],
    [
      'extra data of half a byte',
      withGenesis({ extraData: '0x1' }),
      'genesis.extraData: expected hex of whole bytes',
    ],
    [
      'an address of 21 bytes',
      withGenesis({ alloc: { ['ab'.repeat(21)]: {} } }),
      'genesis.alloc: expected keys of at most 20 bytes in hex',
    ],
    [
      'an address twice',
      withGenesis({ alloc: { '0x1': { balance: '1' }, '01': { balance: '2' } } }),
      `genesis.alloc: key 0x${'1'.padStart(40, '0')} stands twice`,
    ],
    [
      'a negative balance',
      withGenesis({ alloc: { '0x1': { balance: '-1' } } }),
      'genesis.alloc.0x1.balance: expected an unsigned 256-bit integer, decimal or 0x hex',
    ],
    [
      'a chain ID above 2^53-1',
      withParams({ chainID: 9_007_199_254_740_992 }),
      'params.chainID: expected a whole number up to 2^53-1',
    ],
    ['a negative chain ID', withParams({ chainID: -1 }), 'params.chainID: expected no negative number'],
    [
      'a chain ID that is a string',
      withParams({ chainID: '1' }),
      'params.chainID: expected a whole number up to 2^53-1',
    ],
  ])('refuses %s', (_, change, fault) => {
    expect(faultsOf(aGenesisText(change))).toEqual([fault]);
  });

  it.each<[string, string]>([
    ['ibft', `genesis.extraData: wrong extra size`],
    ['polybft', 'genesis.extraData: extra-data shorter than 32 bytes'],
  ])('refuses extra data that %s cannot read', (name, fault) => {
    const changes = [withEngine(name, { type: 'PoA', blockTime: '2s' }), withGenesis({ extraData: '0x' })];
    expect(faultsOf(aGenesisText(...changes))).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    { name: 'entries that overlap', types: [{ from: 0, to: 12 }, { from: 10 }] },
    { name: 'entries that touch', types: [{ from: 10 }, { from: 0, to: 9 }] },
    { name: 'an end', types: [{ from: 0, to: 9 }] },
    {
      name: 'an end and an entry of no height behind it',
      types: [
        { from: 0, to: 9 },
        { from: 20, to: 15 },
      ],
    },
    { name: 'an end at the last height', types: [{ from: 0, to: Number.MAX_SAFE_INTEGER }] },
  ])('takes fork lists with $name', ({ types }) => {
    const forks = types.map((entry) => ({ type: 'PoA', ...entry }));
    expect(faultsOf(aGenesisText(withIbft({ type: null, types: forks })))).toEqual([]);
  });

  it('tells all faults at once, and no more than fifty', () => {
    const alloc = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`0x${i}`, { balance: 'x' }]));
    const five = [
      withGenesis({ gasLimit: 'x' }),
      withEngine('clique', {}),
      withParams({ chainID: 1.5, forks: { a: {}, b: {} } }),
    ];
    expect(faultsOf(aGenesisText(...five))).toHaveLength(5);
    const faults = faultsOf(aGenesisText(...five, withGenesis({ alloc })));
    expect(faults).toHaveLength(51);
    expect(faults.at(-1)).toBe('and 15 more');
  });

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing of a chain', '{}'],
  ])('refuses %s', (_, input) => {
    expect(faultsOf(input).length).toBeGreaterThan(0);
  });

  it('refuses a file above the limit without reading it', () => {
    expect(faultsOf(aGenesisText(), { maxBytes: 100 })).toEqual(['larger than 100 bytes']);
  });
});
