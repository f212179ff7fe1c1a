import type { Option } from 'commander';
import type { Setting } from '../config/setting.js';
import { SETTINGS } from '../config/settings-table.js';
import type { CommandContext } from './command-context.js';
import { DEV_DEFAULTS } from './dev-defaults.js';
import { type Given, grpcAddressFlag, repeatedFlag, settingFlag, switchFlag, valueFlag } from './flags.js';
import type { CommandResult } from './output.js';

/** A command's work. What it returns is printed; one that prints on its own returns nothing. */
type Work = (context: CommandContext, given: Given) => CommandResult | Promise<CommandResult> | Promise<void>;

export interface CommandSpec {
  readonly name: string;
  readonly help: string;
  readonly options: readonly Option[];
  /** Loaded when the command is called: most commands need little of the program, and start at once. */
  readonly load?: () => Promise<Work>;
  readonly commands?: readonly CommandSpec[];
}

const config = () => valueFlag('config', 'the path to a config file: .json, .hcl, .yaml or .yml');
const dataDir = () => valueFlag('data-dir', 'the directory for the node data');
const secretsManager = () => valueFlag('config', 'the path to a SecretsManager config file').hideHelp();

const PEERS: readonly CommandSpec[] = [
  {
    name: 'add',
    help: 'dial peers',
    options: [repeatedFlag('addr', 'the libp2p address of a peer; may be repeated')],
    load: async () => (await import('./peers-add.js')).peersAdd,
  },
  {
    name: 'list',
    help: 'list the connected peers',
    options: [],
    load: async () => (await import('./peers-list.js')).peersList,
  },
  {
    name: 'status',
    help: 'show what is known of a peer',
    options: [valueFlag('peer-id', 'libp2p node ID of a specific peer within p2p network')],
    load: async () => (await import('./peers-status.js')).peersStatus,
  },
];

const SECRETS: readonly CommandSpec[] = [
  {
    name: 'init',
    help: 'make the keys of a data folder',
    options: [
      dataDir(),
      secretsManager(),
      valueFlag('num', 'how many data folders get keys; above 1 their names end in 1, 2, …', '1'),
      switchFlag('ecdsa', 'make a validator key', 'true'),
      switchFlag('bls', 'make a BLS key', 'true'),
      switchFlag('network', 'make a network key', 'true'),
      switchFlag('insecure', 'store the keys as plain files; required'),
    ],
    load: async () => (await import('./secrets-init.js')).secretsInit,
  },
  {
    name: 'output',
    help: 'show the public keys of a data folder',
    options: [
      dataDir(),
      secretsManager(),
      switchFlag('validator', 'only the validator address'),
      switchFlag('bls', 'only the BLS public key'),
      switchFlag('node-id', 'only the node ID'),
    ],
    load: async () => (await import('./secrets-output.js')).secretsOutput,
  },
];

/** `--json` is the program's own flag. */
const ofNode = SETTINGS.filter(({ flag }) => flag !== 'json');

/** The alias of --grpc-address that the Go client keeps for old scripts. */
const LEGACY_GRPC = 'grpc';

/** Every command of the program. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'server',
    help: 'run a node',
    options: [config(), ...ofNode.map(settingFlag), valueFlag(LEGACY_GRPC, 'the GRPC interface').hideHelp()],
    load: async () => (await import('./server.js')).server,
  },
  {
    name: 'dev',
    help: 'make and run a chain of your own',
    options: [
      valueFlag('block-time', 'time between two blocks of a new chain', DEV_DEFAULTS.blockTime),
      valueFlag('chain-id', 'chain ID of a new chain', String(DEV_DEFAULTS.chainId)),
      config(),
      ...ofNode
        .filter(({ noEffect }) => noEffect === undefined)
        .map((setting) => settingFlag(inDev(setting))),
    ],
    load: async () => (await import('./dev.js')).dev,
  },
  {
    name: 'status',
    help: 'show the status of a node',
    options: [
      grpcAddressFlag(),
      switchFlag(
        'details',
        'also show the genesis block, how it is known, and what is verified of each block',
      ),
    ],
    load: async () => (await import('./status.js')).status,
  },
  { name: 'peers', help: 'interact with the network peers', options: [grpcAddressFlag()], commands: PEERS },
  {
    name: 'monitor',
    help: 'print blocks as they are added and removed',
    options: [grpcAddressFlag()],
    load: async () => (await import('./monitor.js')).monitor,
  },
  {
    name: 'backup',
    help: 'write the chain of a running node to a file',
    options: [
      grpcAddressFlag(),
      valueFlag('out', 'the export path for the backup'),
      valueFlag('from', 'the beginning height of the chain in backup', '0'),
      valueFlag('to', 'the end height of the chain in backup'),
    ],
    load: async () => (await import('./backup.js')).backup,
  },
  // Go takes the address there too and has no use for it.
  { name: 'secrets', help: 'manage keys', options: [grpcAddressFlag().hideHelp()], commands: SECRETS },
  {
    name: 'version',
    help: 'show the version',
    options: [],
    load: async () => (await import('./version.js')).version,
  },
];

function inDev(setting: Setting): Setting {
  if (setting.flag === 'data-dir') return { ...setting, shown: DEV_DEFAULTS.dataDir };
  if (setting.flag === 'chain') return { ...setting, shown: 'genesis.json in the data directory' };
  return setting;
}
