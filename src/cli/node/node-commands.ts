import type { CommandSpec } from '../command-table.js';
import { grpcAddressFlag, repeatedFlag, valueFlag } from '../flags.js';

const activity = () =>
  repeatedFlag('activity', 'what: discovery, sync, gossip; may be given several times', 'all');

const COMMANDS: readonly CommandSpec[] = [
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
