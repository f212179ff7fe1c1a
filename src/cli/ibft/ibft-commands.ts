import type { CommandSpec } from '../command-table.js';
import { valueFlag } from '../flags.js';
import { GENESIS_DEFAULTS } from '../genesis/genesis-defaults.js';

const chain = () => valueFlag('chain', 'the genesis file to update', GENESIS_DEFAULTS.dir);

export const IBFT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'status',
    help: 'show the address of the validator of a node',
    options: [],
    load: async () => (await import('./ibft-status.js')).ibftStatus,
  },
  {
    name: 'snapshot',
    help: 'show the validators and votes at a block',
    options: [valueFlag('number', 'the block height (number) for the snapshot', 'latest')],
    load: async () => (await import('./ibft-snapshot.js')).ibftSnapshot,
  },
  {
    name: 'propose',
    help: 'vote for a validator to be added or dropped',
    options: [
      valueFlag('addr', 'the address of the account to be voted for'),
      valueFlag('vote', 'requested change to the validator set: auth, drop'),
      valueFlag('bls', 'the BLS Public Key of the account to be voted for'),
    ],
    load: async () => (await import('./ibft-propose.js')).ibftPropose,
  },
  {
    name: 'candidates',
    help: 'show what a node still votes for',
    options: [],
    load: async () => (await import('./ibft-candidates.js')).ibftCandidates,
  },
  {
    name: 'quorum',
    help: 'set in a genesis file the block from which the optimal quorum holds',
    options: [chain(), valueFlag('from', 'the height to switch the quorum calculation')],
    load: async () => (await import('./ibft-quorum.js')).ibftQuorum,
  },
];
