import type { Option } from 'commander';
import type { Setting } from '../config/setting.js';
import { SETTINGS } from '../config/settings-table.js';
import type { CommandContext } from './command-context.js';
import { DEV_DEFAULTS } from './dev/dev-defaults.js';
import { DOCTOR_COMMAND } from './doctor/doctor-command.js';
import { type Given, grpcAddressFlag, settingFlag, switchFlag, valueFlag } from './flags.js';
import { GENESIS_COMMAND } from './genesis/genesis-command.js';
import { IBFT_COMMANDS } from './ibft/ibft-commands.js';
import { NODE_COMMAND } from './node/node-commands.js';
import type { CommandResult } from './output.js';
import { PEERS_COMMAND } from './peers/peers-commands.js';
import { TXPOOL_COMMANDS } from './txpool/txpool-commands.js';

/** A command's work. What it returns is printed; one that prints on its own returns nothing. */
type Work = (
  context: CommandContext,
  given: Given,
  words: readonly string[],
) => CommandResult | Promise<CommandResult | undefined> | Promise<void>;

export interface CommandSpec {
  readonly name: string;
  readonly help: string;
  /** What it takes beside options, as help shows it: `[address...]`. */
  readonly words?: string;
  readonly options: readonly Option[];
  /** Loaded when the command is called: most commands need little of the program, and start at once. */
  readonly load?: () => Promise<Work>;
  readonly commands?: readonly CommandSpec[];
}

const config = () => valueFlag('config', 'the path to a config file: .json, .hcl, .yaml or .yml');
const dataDir = () => valueFlag('data-dir', 'the directory for the node data');
const secretsManager = () => valueFlag('config', 'the path to a SecretsManager config file').hideHelp();

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
    load: async () => (await import('./secrets/secrets-init.js')).secretsInit,
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
    load: async () => (await import('./secrets/secrets-output.js')).secretsOutput,
  },
];

/** `--json` is the program's own flag. */
const ofNode = SETTINGS.filter(({ flag }) => flag !== 'json');

/** The alias of --grpc-address that the Go client keeps for old scripts. */
const LEGACY_GRPC = 'grpc';

/** What of a node's settings `verify` looks at. */
const VERIFY_FLAGS: ReadonlySet<string> = new Set(['chain', 'data-dir', 'restore', 'strict', 'checkpoint']);

const PROVE_FLAGS: ReadonlySet<string> = new Set(['chain', 'data-dir']);

/** Every command of the program. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'server',
    help: 'run a node',
    options: [config(), ...ofNode.map(settingFlag), valueFlag(LEGACY_GRPC, 'the GRPC interface').hideHelp()],
    load: async () => (await import('./server/server.js')).server,
    commands: [
      {
        name: 'export',
        help: 'write a configuration file with the defaults into the current folder',
        options: [valueFlag('type', 'type of the file: yaml, json', 'yaml')],
        load: async () => (await import('./server/server-export.js')).serverExport,
      },
    ],
  },
  {
    name: 'dev',
    help: 'make and run a chain of your own',
    options: [
      valueFlag('block-time', 'time between two blocks of a new chain', DEV_DEFAULTS.blockTime),
      valueFlag('chain-id', 'chain ID of a new chain', String(DEV_DEFAULTS.chainId)),
      valueFlag(
        'validators',
        'validators whose keys this node holds; of a new chain all are its set, later ones can be voted in',
        String(DEV_DEFAULTS.validators),
      ),
      valueFlag('ibft-validator-type', 'kind of validators of a new chain: ecdsa, bls', DEV_DEFAULTS.type),
      config(),
      ...ofNode
        .filter(({ noEffect }) => noEffect === undefined)
        .map((setting) => settingFlag(inDev(setting))),
    ],
    load: async () => (await import('./dev/dev.js')).dev,
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
      switchFlag('watch', 'show it anew after each change of the chain, until interrupted'),
    ],
    load: async () => (await import('./chain/status.js')).status,
  },
  PEERS_COMMAND,
  {
    name: 'ibft',
    help: 'interact with the validators of an IBFT chain',
    options: [grpcAddressFlag()],
    commands: IBFT_COMMANDS,
  },
  NODE_COMMAND,
  {
    name: 'txpool',
    help: 'interact with the transactions that wait to be mined',
    options: [grpcAddressFlag()],
    commands: TXPOOL_COMMANDS,
  },
  {
    name: 'monitor',
    help: 'print blocks as they are added and removed',
    options: [grpcAddressFlag()],
    load: async () => (await import('./chain/monitor.js')).monitor,
  },
  {
    name: 'backup',
    help: 'write the chain of a running node to a file',
    options: [
      grpcAddressFlag(),
      valueFlag('out', 'the export path for the backup'),
      valueFlag('from', 'the beginning height of the chain in backup', '0'),
      valueFlag('to', 'the end height of the chain in backup'),
      valueFlag(
        'format',
        "edge (the Go client's), or edgekeeper, which notices any damage and can be resumed",
        'edge',
      ),
      switchFlag('resume', 'go on with a file in format edgekeeper, or begin one'),
    ],
    load: async () => (await import('./backup/backup.js')).backup,
  },
  {
    name: 'verify',
    help: 'verify an archive, or the store of a node that does not run, block by block',
    options: [
      config(),
      ...ofNode.filter(({ flag }) => VERIFY_FLAGS.has(flag)).map(settingFlag),
      switchFlag('store', 'verify the store in the data directory'),
      valueFlag('checkpoint-out', 'write a checkpoint file of the last verified block'),
    ],
    load: async () => (await import('./chain/verify.js')).verify,
  },
  {
    name: 'prove',
    help: 'prove a header or a transaction from the store of a node that does not run, as JSON',
    options: [
      config(),
      ...ofNode.filter(({ flag }) => PROVE_FLAGS.has(flag)).map(settingFlag),
      valueFlag('block', 'the height of the block'),
      valueFlag('transaction', 'the position of a transaction in it, from 0'),
      valueFlag('from', 'the height that the verifier trusts', '0'),
      switchFlag('full', 'give every header in between'),
    ],
    load: async () => (await import('./chain/prove.js')).prove,
  },
  GENESIS_COMMAND,
  DOCTOR_COMMAND,
  // Go takes the address there too and has no use for it.
  { name: 'secrets', help: 'manage keys', options: [grpcAddressFlag().hideHelp()], commands: SECRETS },
  {
    name: 'license',
    help: 'show the license',
    options: [],
    load: async () => (await import('./license.js')).license,
  },
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
