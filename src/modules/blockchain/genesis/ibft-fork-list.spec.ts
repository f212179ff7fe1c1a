import { describe, expect, it } from '@jest/globals';
import { fromHex } from '../../../common/bytes.js';
import { type NewIbftFork, withIbftFork } from './ibft-fork-list.js';

const pos: NewIbftFork = { type: 'PoS', validatorType: 'bls', from: 4_000, deployment: 50 };

describe(withIbftFork.name, () => {
  it('writes the entries before it as the Go client does', () => {
    const file = {
      blockTime: '1m30.5s',
      extra: { a: '<b>' },
      types: [
        { type: 'PoA', to: 9, unknown: 1, blockTime: 1_500_000_000 },
        {
          ...{ type: 'PoS', validator_type: 'bls', from: '10', to: '0x13', deployment: 10 },
          ...{ minValidatorCount: '4', blockTime: '3600s' },
        },
        {
          ...{ type: 'PoA', validator_type: 'ecdsa', from: 20, blockTime: 3_723_004_000_000 },
          validators: [{ Address: '0xabcdef2222222222222222222222222222222222' }],
        },
      ],
      epochSize: 10,
    };
    const edited = withIbftFork(file, pos);
    // What `ibft switch --type PoS --from 4000 --deployment 50` of polygon-edge@597a0f3 made of it.
    expect(edited).toEqual({
      blockTime: '1m30.5s',
      extra: { a: '<b>' },
      types: [
        { type: 'PoA', validator_type: 'ecdsa', from: '0x0', to: '0x9', blockTime: '1.5s' },
        {
          ...{ type: 'PoS', validator_type: 'bls', deployment: '0xa', from: '0xa', to: '0x13' },
          ...{ blockTime: '1h0m0s', minValidatorCount: '0x4' },
        },
        {
          ...{ type: 'PoA', validator_type: 'ecdsa', from: '0x14', to: '0xf9f', blockTime: '1h2m3.004s' },
          validators: [{ Address: '0xaBcdef2222222222222222222222222222222222' }],
        },
        {
          ...{ type: 'PoS', validator_type: 'bls', deployment: '0x32', from: '0xfa0' },
          blockTime: '1h2m3.004s',
        },
      ],
      epochSize: 10,
    });
    expect(Object.keys(edited)).toEqual(['blockTime', 'extra', 'types', 'epochSize']);
    const [, second] = edited.types as object[];
    expect(Object.keys(second ?? {})).toEqual([
      'type',
      'validator_type',
      'deployment',
      'from',
      'to',
      'blockTime',
      'minValidatorCount',
    ]);
  });

  it('makes a single type the first entry, and lets it win over a list', () => {
    const { types, type, validator_type } = withIbftFork(
      { types: [{ type: 'PoS' }], type: 'PoA', validator_type: 'bls', blockTime: '2s' },
      pos,
    );
    expect([type, validator_type]).toEqual([undefined, 'bls']);
    expect(types).toEqual([
      { type: 'PoA', validator_type: 'bls', from: '0x0', to: '0xf9f', blockTime: '2s' },
      { type: 'PoS', validator_type: 'bls', deployment: '0x32', from: '0xfa0', blockTime: '2s' },
    ]);
  });

  it('writes validators with their keys', () => {
    const address = fromHex('0x11') ?? new Uint8Array();
    const blsPublicKey = fromHex('0x22') ?? new Uint8Array();
    const { types } = withIbftFork(
      { type: 'PoS' },
      { type: 'PoA', validatorType: 'bls', from: 5, validators: [{ address, blsPublicKey }] },
    );
    expect((types as unknown[])[1]).toEqual({
      ...{ type: 'PoA', validator_type: 'bls', from: '0x5' },
      validators: [{ Address: '0x11', BLSPublicKey: '0x22' }],
    });
  });

  // As Go's time.Duration prints them.
  it.each([
    [0, '0s'],
    [999, '999ns'],
    [1_500, '1.5µs'],
    [500_000_000, '500ms'],
    [1_500_000, '1.5ms'],
    [1_000_000_000, '1s'],
    [2_000_000_001, '2.000000001s'],
    [90_000_000_000, '1m30s'],
    [3_600_000_000_000, '1h0m0s'],
  ])('writes %s ns as %s', (blockTime, text) => {
    const { types } = withIbftFork({ type: 'PoA', blockTime }, pos);
    expect((types as { blockTime: string }[]).map((entry) => entry.blockTime)).toEqual([text, text]);
  });
});
