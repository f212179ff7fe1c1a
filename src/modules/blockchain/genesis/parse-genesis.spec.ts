import { describe, expect, it } from '@jest/globals';
import {
  aGenesisText,
  readGenesisText,
  withEngine,
  withGenesis,
  withIbft,
  withParams,
} from '../../../../test/support/genesis-texts.js';
import { toHex } from '../../../common/bytes.js';
import { FORK_NAMES, type ForkName, ibftForkAt } from './chain-config.js';
import { parseGenesis } from './parse-genesis.js';

describe('parseGenesis', () => {
  it('reads a recorded file', () => {
    const config = parseGenesis(aGenesisText());
    expect(config).toMatchObject({
      name: 'polygon-edge',
      chainId: 4101,
      engine: {
        name: 'ibft',
        forks: [{ type: 'PoA', validatorType: 'ecdsa', from: 0 }],
        blockTimeMs: 1_000,
        epochSize: 10,
        quorumSizeBlockNum: 0,
      },
      genesis: { gasLimit: 30_000_000n, gasUsed: 0x70000n, difficulty: 1n, timestamp: 0n, number: 0 },
    });
    expect(config.bootnodes).toHaveLength(2);
    expect(config.alloc.get('85da99c8a7c2c95964c8efd687e95e632fc533d6')?.balance).toBe(10n ** 24n);
    expect(config.forks.isActive('txHashWithType', 0)).toBe(true);
    expect(config.forks.isActive('london', 1_000_000)).toBe(false);
  });

  it('reads a file of PolyBFT', () => {
    expect(parseGenesis(readGenesisText('polybft')).engine).toEqual({
      name: 'polybft',
      blockTimeMs: 1_000,
      epochSize: 10,
      blockTimeDriftSeconds: 0,
    });
  });

  it('has the defaults of the Go client', () => {
    const minimal = {
      genesis: { gasLimit: '0' },
      params: { chainID: 1, forks: {}, engine: { dummy: null } },
    };
    const config = parseGenesis(JSON.stringify(minimal));
    expect(config).toMatchObject({ name: '', bootnodes: [], engine: { name: 'dummy' } });
    expect(config.genesis).toEqual({
      number: 0,
      nonce: new Uint8Array(8),
      timestamp: 0n,
      parentHash: new Uint8Array(32),
      extraData: new Uint8Array(),
      gasLimit: 4_712_388n,
      gasUsed: 0n,
      difficulty: 131_072n,
      mixHash: new Uint8Array(32),
      coinbase: new Uint8Array(20),
      baseFee: 0n,
      baseFeeEM: 0n,
      baseFeeChangeDenom: 0n,
    });
    expect(config.alloc.size).toBe(0);
  });

  it('matches names whatever their case, and takes null for absent', () => {
    const input = `{"NAME":"x","Genesis":{"GASLIMIT":"0x1","mixhash":null,"ExtraData":"0x"},
      "PARAMS":{"chainid":7,"Forks":{"istanbul":{"BLOCK":3}, "EIP150":{}},"Engine":{"dummy":{}}},"bootnodes":null}`;
    const config = parseGenesis(input);
    expect(config).toMatchObject({ name: 'x', chainId: 7 });
    expect([2, 3].map((number) => config.forks.isActive('istanbul', number))).toEqual([false, true]);
    expect(config.forks.isActive('EIP150', 0)).toBe(true);
  });

  it('knows every fork by its name', () => {
    const forks = Object.fromEntries(
      FORK_NAMES.filter((name) => name !== 'london').map((name, index) => [name, { block: index }]),
    );
    const config = parseGenesis(aGenesisText(withParams({ forks })));
    for (const [name, { block }] of Object.entries(forks)) {
      expect(config.forks.isActive(name as ForkName, block)).toBe(true);
      expect(config.forks.isActive(name as ForkName, block - 1)).toBe(false);
    }
  });

  it('pads short hashes and addresses of alloc, and reads numbers in both forms', () => {
    const config = parseGenesis(
      aGenesisText(
        withGenesis({
          mixHash: '0x1',
          gasLimit: '21000',
          nonce: '0x102',
          alloc: {
            '0x1': { balance: '5', nonce: '0x2', code: '0x6001', storage: { '0x1': '0x02' } },
            '2': { balance: '0x0' },
            '3': {},
            '4': { balance: null, storage: null },
            '5': { nonce: '1' },
          },
        }),
      ),
    );
    expect(toHex(config.genesis.mixHash)).toBe(`0x${'1'.padStart(64, '0')}`);
    expect(toHex(config.genesis.nonce)).toBe('0x0000000000000102');
    expect(config.genesis.gasLimit).toBe(21_000n);
    expect(config.alloc.get('1'.padStart(40, '0'))).toEqual({
      balance: 5n,
      nonce: 2n,
      code: Uint8Array.of(0x60, 0x01),
      storage: new Map([['1'.padStart(64, '0'), new Uint8Array(32).fill(2, 31)]]),
    });
    expect(config.alloc.get('5'.padStart(40, '0'))).toMatchObject({ balance: 0n, nonce: 1n });
    expect([...config.alloc.keys()].sort()).toEqual(['1', '2', '5'].map((key) => key.padStart(40, '0')));
  });

  it('takes the state root of a trusted source', () => {
    const config = parseGenesis(
      aGenesisText(withGenesis({ alloc: null, stateRoot: `0x${'ab'.repeat(32)}` })),
    );
    expect(config.genesis.stateRoot).toEqual(new Uint8Array(32).fill(0xab));
  });
});

describe('engines', () => {
  it.each([
    [1_500_000_000, 1_500],
    ['1s', 1_000],
    ['1.5s', 1_500],
    ['1m30s', 90_000],
    ['1h', 3_600_000],
    ['1500ms', 1_500],
    ['2000000us', 2_000],
    ['2000000µs', 2_000],
    ['1000000μs1.s', 2_000],
    ['2000000000ns', 2_000],
  ])('read the block time %p as %i ms', (blockTime, blockTimeMs) => {
    expect(parseGenesis(aGenesisText(withIbft({ blockTime }))).engine).toMatchObject({ blockTimeMs });
  });

  it('read a fork list, numbers in every form, its end inclusive', () => {
    const types = [
      { type: 'PoA', validator_type: 'ecdsa', from: 0, to: '0x14' },
      { Type: 'PoA', VALIDATOR_TYPE: 'bls', from: '0x15', to: 40, validators: [] },
      { type: 'PoS', validator_type: 'bls', from: '41', deployment: '0x1e' },
      { type: 'PoS', from: 100 },
    ];
    const config = parseGenesis(
      aGenesisText(withIbft({ type: null, types, epochSize: null, quorumSizeBlockNum: 9 })),
    );
    if (config.engine.name !== 'ibft') throw new Error('expected ibft');
    expect(config.engine).toMatchObject({ epochSize: 100_000, quorumSizeBlockNum: 9 });
    const { forks } = config.engine;
    expect([0, 20, 21, 40, 41, 99, 100].map((number) => ibftForkAt(forks, number)?.from)).toEqual([
      0, 0, 21, 21, 41, 41, 100,
    ]);
    expect(forks[3]).toEqual({ type: 'PoS', validatorType: 'ecdsa', from: 100 });
    expect(ibftForkAt([{ type: 'PoA', validatorType: 'bls', from: 5, to: 6 }], 7)).toBeUndefined();
  });

  it('prefer the one type over the list', () => {
    const config = parseGenesis(aGenesisText(withIbft({ types: [{ type: 'PoS', from: 0 }] })));
    expect(config.engine).toMatchObject({ forks: [{ type: 'PoA' }] });
  });

  it.each([
    [{}, 1_000],
    [{ interval: 5 }, 5_000],
    [{ interval: 0 }, 1_000],
  ])('read the interval of dev: %p', (config, blockTimeMs) => {
    expect(parseGenesis(aGenesisText(withEngine('dev', config))).engine).toEqual({
      name: 'dev',
      blockTimeMs,
    });
  });
});
