import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultsOf } from '../../../../test/support/genesis-faults.js';
import {
  aGenesisText,
  readGenesisText,
  withEngine,
  withGenesis,
  withIbft,
  withParams,
} from '../../../../test/support/genesis-texts.js';
import { BlockchainError } from '../blockchain.errors.js';
import { extraDataFaults } from './genesis-checks.js';

describe('what fields of a genesis.json must be together', () => {
  it('refuses a base fee that divides by zero once london is active', () => {
    const london = withParams({ forks: { london: { block: 9 } } });
    expect(faultsOf(aGenesisText(london))).toEqual([
      'genesis.baseFeeEM: expected more than 0 with the fork london',
      'genesis.baseFeeChangeDenom: expected more than 0 with the fork london',
    ]);
    expect(faultsOf(aGenesisText(london, withGenesis({ baseFeeEM: '2', baseFeeChangeDenom: '8' })))).toEqual(
      [],
    );
  });

  describe('a trusted state root', () => {
    const account = withGenesis({ alloc: { '0x1': { balance: '5' } } });
    const wrong = withGenesis({ stateRoot: `0x${'ab'.repeat(32)}` });

    it('is refused beside an alloc of another root', () => {
      const faults = faultsOf(aGenesisText(account, wrong));
      expect(faults).toEqual([
        expect.stringMatching(/^genesis.stateRoot: contradicts genesis.alloc, whose root is 0x[0-9a-f]{64}$/),
      ]);
      expect(faultsOf(aGenesisText(account, wrong, withParams({ chainID: -1 })))).toHaveLength(2);
      const computed = faults[0]?.slice(-66);
      expect(faultsOf(aGenesisText(account, withGenesis({ stateRoot: computed })))).toEqual([]);
    });

    it('is taken without an alloc, and where only execution could compute it', () => {
      expect(faultsOf(aGenesisText(withGenesis({ alloc: {} }), wrong))).toEqual([]);
      const polybft = withEngine('polybft', { blockTime: '2s' });
      const { extraData } = JSON.parse(readGenesisText('polybft')).genesis;
      expect(faultsOf(aGenesisText(polybft, withGenesis({ extraData }), account, wrong))).toEqual([]);
    });
  });

  it('asks about every bootnode', () => {
    const bootnodes = ['good', 'bad', 'good', 'worse'];
    const text = JSON.stringify({ ...JSON.parse(aGenesisText()), bootnodes });
    const checkBootnode = (node: string) => (node === 'good' ? undefined : `${node} address`);
    expect(faultsOf(text, { checkBootnode })).toEqual([
      'bootnodes.1: bad address',
      'bootnodes.3: worse address',
    ]);
    expect(faultsOf(text)).toEqual([]);
  });

  it('tells the faults of the schema, of the extra data, of london and of bootnodes together', () => {
    const london = { london: { block: 1 } };
    const changes = [
      withGenesis({ gasLimit: 'x', extraData: null, baseFeeEM: '0x0', baseFeeChangeDenom: '0x0' }),
      withParams({ chainID: -1, forks: london }),
    ];
    const text = JSON.stringify({ ...JSON.parse(aGenesisText(...changes)), bootnodes: ['bad'] });
    expect(faultsOf(text, { checkBootnode: () => 'no address' })).toEqual([
      'genesis.gasLimit: expected an unsigned 64-bit integer, decimal or 0x hex',
      'params.chainID: expected no negative number',
      'genesis.baseFeeEM: expected more than 0 with the fork london',
      'genesis.baseFeeChangeDenom: expected more than 0 with the fork london',
      expect.stringContaining('genesis.extraData: '),
      'bootnodes.0: no address',
    ]);
  });

  it('blames the file for extra data that its engine cannot read, and for nothing else', () => {
    const faults = (failure: Error) => () =>
      extraDataFaults(new Uint8Array(), {
        headerHash: () => {
          throw failure;
        },
      });
    const unreadable = new BlockchainError({ code: 'BLOCKCHAIN.BAD_EXTRA', number: 0, reason: 'short' });
    expect(faults(unreadable)()).toEqual(['genesis.extraData: short']);
    const undecodable = new BlockchainError({ code: 'BLOCKCHAIN.UNDECODABLE', reason: 'short' });
    expect(faults(undecodable)).toThrow(undecodable);
    const bug = new TypeError('a bug');
    expect(faults(bug)).toThrow(bug);
  });

  it('takes any JSON in place of any part, and fails only with its code', () => {
    const whole = JSON.parse(
      aGenesisText(
        withGenesis({ alloc: { '0x1': { balance: '5', storage: { '0x1': '0x2' } } }, stateRoot: '0x0' }),
        withParams({ forks: { london: { block: 0 } }, transactionsAllowList: { adminAddresses: ['0x1'] } }),
        withIbft({ type: null, types: [{ type: 'PoA', validator_type: 'bls', from: 0, to: 5 }] }),
      ),
    );
    const paths = pathsOf({ ...whole, bootnodes: ['x'] });
    expect(paths.length).toBeGreaterThan(40);
    const hostile = [
      null,
      -3,
      1.5,
      1e300,
      -0,
      '',
      '-1',
      '0x',
      'x'.repeat(100_000),
      true,
      [],
      [[]],
      {},
      nested(1_000),
    ];
    for (const path of paths) {
      for (const value of hostile) expect(Array.isArray(faultsOf(replaced(whole, path, value)))).toBe(true);
    }
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) =>
        Array.isArray(faultsOf(replaced(whole, path, value))),
      ),
    );
  });
});

/** Where there is a value in a JSON value, the whole of it included. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, part]) => pathsOf(part).map((rest) => [key, ...rest]))];
}

/** The JSON text of `whole` with another value at a place. */
function replaced(whole: unknown, path: readonly string[], value: unknown): string {
  return JSON.stringify(put(whole, path, value));
}

function put(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(whole)) return whole.map((part, at) => (`${at}` === key ? put(part, rest, value) : part));
  const object = whole as Record<string, unknown>;
  return { ...object, [key]: put(object[key], rest, value) };
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at++) value = at % 2 === 0 ? [value] : { a: value };
  return value;
}
