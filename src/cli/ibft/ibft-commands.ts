import type { CommandSpec } from '../command-table.js';
import { repeatedFlag, valueFlag } from '../flags.js';
import { GENESIS_DEFAULTS } from '../genesis/genesis-defaults.js';

const chain = () => valueFlag('chain', 'the genesis file to update', GENESIS_DEFAULTS.dir);
const validators = (flag: 'ibft-validator-type' | 'validators-path' | 'validators-prefix', help: string) =>
  valueFlag(flag, help, GENESIS_DEFAULTS[flag]);

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
  {
    name: 'switch',
    help: 'set in a genesis file the block from which validators are of another kind or chosen in another way',
    options: [
      chain(),
      valueFlag('type', 'the new IBFT type: PoA, PoS'),
      valueFlag('from', 'the height to switch the new type'),
      valueFlag('deployment', 'with PoS: the height to deploy the staking contract'),
      validators('ibft-validator-type', 'the type of validators: bls, ecdsa'),
      repeatedFlag(
        'validators',
        'with PoA: a validator, <address>, of BLS <address>:<BLS public key>; may be repeated',
      ),
      validators('validators-path', 'with PoA: the folder with the data folders of validators'),
      validators('validators-prefix', 'with PoA: what the names of those data folders begin with'),
      valueFlag('min-validator-count', 'with PoS: the minimum number of validators'),
      valueFlag('max-validator-count', 'with PoS: the maximum number of validators'),
    ],
    load: async () => (await import('./ibft-switch.js')).ibftSwitch,
  },
];
