import type { CommandSpec } from '../command-table.js';
import { grpcAddressFlag, repeatedFlag, valueFlag } from '../flags.js';

const activity = () =>
  repeatedFlag('activity', 'what: discovery, sync, gossip; may be given several times', 'all');

const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'info',
    help: 'show what a node is, what it verifies and what it does',
    options: [],
    load: async () => (await import('./node-info.js')).nodeInfo,
  },
  {
    name: 'config',
    help: 'show every setting of a node and who set it; secrets are hidden',
    options: [],
    load: async () => (await import('./node-config.js')).nodeConfig,
  },
  {
    name: 'limits',
    help: 'show what peers hold of what they share, and what was refused',
    options: [],
    load: async () => (await import('./node-limits.js')).nodeLimits,
  },
  {
    name: 'log-level',
    help: 'show which lines a node writes to its log file, or change it until the node ends',
    options: [
      valueFlag(
        'level',
        'what to write: debug, info, warn, error, off; default has a module go by the others',
      ),
      valueFlag('module', 'of a module, such as sync, and all below it', 'all'),
    ],
    load: async () => (await import('./node-log-level.js')).nodeLogLevel,
  },
  {
    name: 'pause',
    help: 'have a node leave something until it is resumed, or ends',
    options: [activity()],
    load: async () => (await import('./node-pause.js')).nodePause,
  },
  {
    name: 'resume',
    help: 'have a node go on with what was paused',
    options: [activity()],
    load: async () => (await import('./node-pause.js')).nodeResume,
  },
  {
    name: 'logs',
    help: 'print what a node says, whatever it writes to its log file',
    options: [
      valueFlag('level', 'the least level: debug, info, warn, error', 'info'),
      valueFlag('module', 'a module, such as sync, and all below it', 'all'),
      valueFlag('code', 'an error code, or its beginning'),
      valueFlag('recent', 'entries from before to begin with, up to 1000', '0'),
    ],
    load: async () => (await import('./node-logs.js')).nodeLogs,
  },
];

/** `node` and what is below it. */
export const NODE_COMMAND: CommandSpec = {
  name: 'node',
  help: 'see and steer a node',
  options: [grpcAddressFlag()],
  commands: COMMANDS,
};
