import { describe, expect, it } from '@jest/globals';
import { NETWORKS, readBackup, readFixtureText } from '../../../../test/support/fixtures.js';
import { readGenesisText } from '../../../../test/support/genesis-texts.js';
import { toHex } from '../../../common/bytes.js';
import { decodeBlock } from '../codec/block.codec.js';
import { createConsensus } from '../consensus/create-consensus.js';
import { decodeIbftExtra } from '../consensus/ibft/extra.js';
import { stateRoot } from '../trie/state-root.js';
import type { GenesisAccount } from './chain-config.js';
import { genesisHeader, matchesGenesis } from './genesis-header.js';
import { ibftGenesisFile } from './ibft-genesis-file.js';
import { parseGenesis } from './parse-genesis.js';

const genesisOf = (network: (typeof NETWORKS)[number]) =>
  decodeBlock(readBackup(network).blocks[0] ?? new Uint8Array()).header;

const ecdsa = readFixtureText('ibft-ecdsa/genesis.json');

describe('genesisHeader', () => {
  it('cannot be made where contracts run at genesis, unless the root is given', () => {
    const config = parseGenesis(readGenesisText('polybft', { withStateRoot: false }));
    expect(genesisHeader(config)).toBeUndefined();
    expect(matchesGenesis(config, genesisOf('polybft'))).toEqual([]);
    expect(genesisHeader(parseGenesis(readGenesisText('polybft')))).toEqual({
      header: genesisOf('polybft'),
      trust: 'trusted root',
    });
  });

  it('has difficulty 131072 where a file of PolyBFT says 0', () => {
    const file = JSON.parse(readGenesisText('polybft')) as { genesis: { difficulty: string } };
    file.genesis.difficulty = '0x0';
    expect(genesisHeader(parseGenesis(JSON.stringify(file)))?.header).toEqual(genesisOf('polybft'));
  });

  it('counts on the alloc', () => {
    const other = ecdsa.replace('0xd3c21bcecceda1000000', '0xd3c21bcecceda1000001');
    expect(genesisHeader(parseGenesis(other))?.header.stateRoot).not.toEqual(
      genesisOf('ibft-ecdsa').stateRoot,
    );
  });
});

describe('matchesGenesis', () => {
  const config = parseGenesis(ecdsa);
  const header = genesisOf('ibft-ecdsa');

  it('names every field that differs', () => {
    expect(matchesGenesis(config, { ...header, gasLimit: 1n, number: 1, miner: new Uint8Array(19) })).toEqual(
      ['miner', 'number', 'gasLimit'],
    );
  });

  it('looks at the state root where it can be computed, and leaves it where it cannot', () => {
    const stateRoot = new Uint8Array(32);
    expect(matchesGenesis(config, { ...header, stateRoot })).toEqual(['stateRoot']);
    const polybft = parseGenesis(readGenesisText('polybft', { withStateRoot: false }));
    expect(matchesGenesis(polybft, { ...genesisOf('polybft'), stateRoot })).toEqual([]);
    expect(matchesGenesis(polybft, { ...genesisOf('polybft'), stateRoot, baseFee: 1n })).toEqual(['baseFee']);
  });
});

describe('address lists', () => {
  interface File {
    params: Record<string, unknown>;
    genesis: { alloc: Record<string, unknown> };
  }
  const address = (digit: string) => `0x${digit.repeat(40)}`;
  const slot = (digit: string) => `${'0'.repeat(24)}${digit.repeat(40)}`;
  const word = (value: number) => new Uint8Array(32).fill(value, 31);

  function allocWith(change: (file: File) => void): ReadonlyMap<string, GenesisAccount> {
    const file = JSON.parse(ecdsa) as File;
    change(file);
    return parseGenesis(JSON.stringify(file)).alloc;
  }

  it.each([
    ['contractDeployerAllowList', `02${'0'.repeat(38)}`],
    ['contractDeployerBlockList', `03${'0'.repeat(38)}`],
    ['transactionsAllowList', `02${'0'.repeat(37)}2`],
    ['transactionsBlockList', `03${'0'.repeat(37)}2`],
    ['bridgeAllowList', `02${'0'.repeat(37)}4`],
    ['bridgeBlockList', `03${'0'.repeat(37)}4`],
  ])('%s stands in the state at 0x%s', (name, contract) => {
    const alloc = allocWith((file) => {
      file.params[name] = {
        adminAddresses: [address('a'), address('b')],
        enabledAddresses: [address('b'), address('c')],
      };
    });
    expect(alloc.get(contract)).toEqual({
      balance: 1n,
      nonce: 0n,
      code: new Uint8Array(),
      storage: new Map([
        [slot('b'), word(2)],
        [slot('c'), word(1)],
        [slot('a'), word(2)],
      ]),
    });
    expect(stateRoot(alloc)).not.toEqual(genesisOf('ibft-ecdsa').stateRoot);
  });

  it('keep what the alloc has at the contract, but for its balance', () => {
    const alloc = allocWith((file) => {
      file.params.bridgeAllowList = { adminAddresses: [address('a')] };
      file.genesis.alloc[`0x02${'0'.repeat(37)}4`] = {
        balance: '9',
        nonce: '3',
        code: '0x60',
        storage: { '0x1': '0x2' },
      };
    });
    expect(alloc.get(`02${'0'.repeat(37)}4`)).toMatchObject({
      balance: 1n,
      nonce: 3n,
      code: Uint8Array.of(0x60),
    });
    expect(alloc.get(`02${'0'.repeat(37)}4`)?.storage.size).toBe(2);
  });

  it('add nothing when they are empty', () => {
    const alloc = allocWith((file) => {
      file.params.bridgeAllowList = {};
    });
    expect(stateRoot(alloc)).toEqual(genesisOf('ibft-ecdsa').stateRoot);
  });
});

describe('ibftGenesisFile', () => {
  it.each(['ibft-ecdsa', 'ibft-bls'] as const)('writes what the Go client wrote for %s', (network) => {
    const recorded = readFixtureText(`${network}/genesis.json`);
    const config = parseGenesis(recorded);
    const bls = network === 'ibft-bls';
    const { validators } = decodeIbftExtra(config.genesis.extraData, { number: 0, bls, parentBls: bls });
    const file = ibftGenesisFile({
      name: config.name,
      chainId: config.chainId,
      validators,
      bootnodes: config.bootnodes,
      blockTimeMs: 1_000,
      epochSize: 10,
      gasLimit: config.genesis.gasLimit,
      premine: [...config.alloc].map(([key, { balance }]) => ({ address: Buffer.from(key, 'hex'), balance })),
    });
    expect(JSON.stringify(file, undefined, 2)).toBe(recorded.trimEnd());
  });

  it('makes a chain of one validator without bootnodes', () => {
    const file = ibftGenesisFile({
      name: 'dev',
      chainId: 1_337,
      validators: [{ address: new Uint8Array(20).fill(1) }],
      bootnodes: [],
      blockTimeMs: 2_000,
      epochSize: 100,
      gasLimit: 30_000_000n,
      premine: [2, 1, 4, 3].map((byte) => ({
        address: new Uint8Array(20).fill(byte),
        balance: BigInt(byte),
      })),
    });
    expect(file).not.toHaveProperty('bootnodes');
    const config = parseGenesis(JSON.stringify(file));
    expect([...config.alloc.keys()]).toEqual([1, 2, 3, 4].map((byte) => `0${byte}`.repeat(20)));
    expect(config).toMatchObject({ chainId: 1_337, engine: { blockTimeMs: 2_000 } });
    const header = genesisHeader(config)?.header;
    expect(header && toHex(createConsensus(config).headerHash(header))).toMatch(/^0x[0-9a-f]{64}$/);
  });
});
