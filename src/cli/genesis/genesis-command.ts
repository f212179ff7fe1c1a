import type { CommandSpec } from '../command-table.js';
import { repeatedFlag, switchFlag, valueFlag } from '../flags.js';
import { GENESIS_DEFAULTS } from './genesis-defaults.js';

const value = (flag: Exclude<keyof typeof GENESIS_DEFAULTS, 'premine'>, help: string) =>
  valueFlag(flag, help, GENESIS_DEFAULTS[flag]);

/** Flags of the Go client for PolyBFT only: taken, so that the answer says what is not made here. */
const POLYBFT_FLAGS = [
  'block-time-drift',
  'block-tracker-poll-interval',
  'epoch-reward',
  'native-token-config',
  'proxy-contracts-admin',
  'reward-token-code',
  'reward-wallet',
  'sprint-size',
  'trieroot',
  ...['bridge', 'contract-deployer', 'transactions'].flatMap((list) =>
    ['allow', 'block'].flatMap((kind) => [`${list}-${kind}-list-admin`, `${list}-${kind}-list-enabled`]),
  ),
];

export const GENESIS_COMMAND: CommandSpec = {
  name: 'genesis',
  help: 'make the genesis file of a new chain',
  options: [
    value('dir', 'the genesis file to write; it must not exist'),
    value('name', 'the name for the chain'),
    value('chain-id', 'the ID of the chain'),
    valueFlag('chainid', 'the ID of the chain').hideHelp(),
    value('consensus', 'the consensus protocol to be used; only ibft can be made here'),
    repeatedFlag('bootnode', 'multiaddr of a node to find others by; may be repeated, one is required'),
    repeatedFlag(
      'premine',
      'an account and its balance in wei, <address>[:<balance>]; may be repeated',
      `balance ${GENESIS_DEFAULTS.premine}`,
    ),
    value('block-gas-limit', 'the maximum amount of gas used by all transactions in a block'),
    value('epoch-size', 'the epoch size for the chain'),
    value('block-time', 'the predefined period which determines block creation frequency'),
    switchFlag('pos', 'Proof of Stake; not made here').hideHelp(),
    value('min-validator-count', 'the minimum number of validators'),
    value('max-validator-count', 'the maximum number of validators'),
    repeatedFlag(
      'validators',
      'a validator: <address>, on a BLS chain <address>:<BLS public key>; may be repeated',
    ),
    value('validators-path', 'the folder with the data folders of validators'),
    value('validators-prefix', 'what the names of those data folders begin with'),
    value('ibft-validator-type', 'the type of validators: bls, ecdsa'),
    valueFlag('burn-contract', 'turns London on: the burn contract, <block>:<address>[:<burn destination>]'),
    value(
      'base-fee-config',
      'with --burn-contract: [<base fee in wei>][:<elasticity>][:<change denominator>]',
    ),
    ...POLYBFT_FLAGS.map((flag) => repeatedFlag(flag, 'for PolyBFT only').hideHelp()),
  ],
  load: async () => (await import('./genesis.js')).genesis,
};
