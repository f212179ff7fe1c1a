import type { CommandSpec } from '../command-table.js';
import { switchFlag, valueFlag } from '../flags.js';

/** The commands of `txpool`. */
export const TXPOOL_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'status',
    help: 'show how many transactions wait to be mined',
    options: [],
    load: async () => (await import('./txpool-status.js')).txpoolStatus,
  },
  {
    name: 'add',
    help: 'hand a signed transaction to a node',
    options: [
      valueFlag('raw', 'the transaction in its EIP-2718 form, as hex'),
      valueFlag('file', 'the path to a file with that'),
      valueFlag('from', 'the address of its sender, which the signature must agree with'),
    ],
    load: async () => (await import('./txpool-add.js')).txpoolAdd,
  },
  {
    name: 'subscribe',
    help: 'print what becomes of transactions; without a flag all of it',
    options: [
      switchFlag('added', 'transactions that the node took'),
      switchFlag('enqueued', "the Go client's: waiting for an earlier nonce"),
      switchFlag('promoted', "the Go client's: ready to be mined"),
      switchFlag('dropped', 'transactions that the node gave up'),
      switchFlag('demoted', "the Go client's: put back by a proposer"),
      switchFlag('pruned-promoted', 'transactions that were mined'),
      switchFlag('pruned-enqueued', "the Go client's: outdated before they were ready"),
    ],
    load: async () => (await import('./txpool-subscribe.js')).txpoolSubscribe,
  },
];
