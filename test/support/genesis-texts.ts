import { toHex } from '../../src/common/bytes.js';
import { decodeBlock } from '../../src/modules/blockchain/codec/block.codec.js';
import { hasFixture, type Network, readBackup, readFixtureText } from './fixtures.js';

const FORKS = [
  ...['homestead', 'byzantium', 'constantinople', 'petersburg', 'istanbul', 'london'],
  ...['EIP150', 'EIP155', 'EIP158', 'quorumcalcalignment', 'txHashWithType', 'londonfix'],
];

const ENGINES: Partial<Record<Network, { chainID: number; engine: Record<string, unknown> }>> = {
  'ibft-pos': {
    chainID: 100,
    engine: { ibft: { blockTime: 1_000_000_000, epochSize: 10, type: 'PoS', validator_type: 'bls' } },
  },
  polybft: { chainID: 4103, engine: { polybft: { blockTime: '1s', epochSize: 10 } } },
};

/**
 * The genesis.json of a recorded network. Two of them are not kept here (their alloc is other people's bytecode): for
 * those it is made of the engine's parameters and of block 0, whose state root it gives as trusted unless
 * `withStateRoot` is false.
 */
export function readGenesisText(network: Network, { withStateRoot = true } = {}): string {
  const path = `${network}/genesis.json`;
  if (hasFixture(path)) return readFixtureText(path);
  const [first] = readBackup(network).blocks;
  const params = ENGINES[network];
  if (first === undefined || params === undefined) throw new Error(`nothing to make ${path} of`);
  const { header } = decodeBlock(first);
  return JSON.stringify({
    name: network,
    genesis: {
      nonce: toHex(header.nonce),
      timestamp: `${header.timestamp}`,
      extraData: toHex(header.extraData),
      gasLimit: `${header.gasLimit}`,
      difficulty: `${header.difficulty}`,
      mixHash: toHex(header.mixHash),
      coinbase: toHex(header.miner),
      gasUsed: `${header.gasUsed}`,
      parentHash: toHex(header.parentHash),
      baseFee: `${header.baseFee}`,
      baseFeeEM: '0x2',
      baseFeeChangeDenom: '0x8',
      ...(withStateRoot ? { stateRoot: toHex(header.stateRoot) } : {}),
    },
    params: { ...params, forks: Object.fromEntries(FORKS.map((fork) => [fork, { block: 0 }])) },
  });
}

/** What a test changes in a genesis.json. */
export interface GenesisJson {
  genesis: Record<string, unknown>;
  params: Record<string, unknown> & { engine: Record<string, Record<string, unknown>> };
}

export type GenesisChange = (file: GenesisJson) => void;

/** The recorded genesis.json of an ECDSA chain after some changes. */
export function aGenesisText(...changes: readonly GenesisChange[]): string {
  const file = JSON.parse(readFixtureText('ibft-ecdsa/genesis.json')) as GenesisJson;
  for (const change of changes) change(file);
  return JSON.stringify(file);
}

export const withGenesis =
  (fields: Record<string, unknown>): GenesisChange =>
  (file) => {
    Object.assign(file.genesis, fields);
  };

export const withParams =
  (fields: Record<string, unknown>): GenesisChange =>
  (file) => {
    Object.assign(file.params, fields);
  };

/** Replaces the engine. */
export const withEngine =
  (name: string, config: unknown): GenesisChange =>
  (file) => {
    file.params.engine = { [name]: config as Record<string, unknown> };
  };

/** Changes settings of the engine `ibft`. */
export const withIbft =
  (fields: Record<string, unknown>): GenesisChange =>
  (file) => {
    file.params.engine = { ibft: { ...file.params.engine.ibft, ...fields } };
  };
