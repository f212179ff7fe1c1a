import type { CommandSpec } from './command-table.js';
import { grpcAddressFlag, repeatedFlag, switchFlag, valueFlag } from './flags.js';

const PEER = '16Uiu2HAm2FDkXukPDHpSJtXH14DAwz8RmY2i7wmzS4WPVoVgR4iB';

const peerId = () => valueFlag('peer-id', 'libp2p node ID of a specific peer within p2p network');
const target = () => valueFlag('target', 'a peer ID, an IP address, or a network such as 10.0.0.0/8');
const reason = () => valueFlag('reason', 'why, for the audit');

const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'add',
    help: 'dial peers',
    example: `peers add --addr /ip4/10.0.0.1/tcp/1478/p2p/${PEER}`,
    options: [repeatedFlag('addr', 'the libp2p address of a peer; may be repeated')],
    load: async () => (await import('./peers-add.js')).peersAdd,
  },
  {
    name: 'list',
    help: 'list the connected peers',
    example: 'peers list --details',
    options: [
      switchFlag('details', 'a row for each with direction, age, latency, height, score, traffic and agent'),
    ],
    load: async () => (await import('./peers-list.js')).peersList,
  },
  {
    name: 'status',
    help: 'show what is known of a peer',
    example: `peers status --peer-id ${PEER}`,
    options: [peerId()],
    load: async () => (await import('./peers-status.js')).peersStatus,
  },
  {
    name: 'explain',
    help: 'explain why a peer is not connected, banned, or not what blocks are read from',
    example: `peers explain --peer-id ${PEER}`,
    options: [peerId()],
    load: async () => (await import('./peers-explain.js')).peersExplain,
  },
  {
    name: 'watch',
    help: 'print the connected peers, then every event of peers',
    example: 'peers watch --json',
    options: [],
    load: async () => (await import('./peers-watch.js')).peersWatch,
  },
  {
    name: 'remove',
    help: 'close the connections to a peer and give up its dial',
    example: `peers remove --peer-id ${PEER}`,
    options: [peerId(), reason()],
    load: async () => (await import('./peers-remove.js')).peersRemove,
  },
  {
    name: 'ban',
    help: 'refuse a peer, an IP address or a network',
    example: 'peers ban --target 203.0.113.0/24 --ttl 24h --reason spam',
    options: [target(), valueFlag('ttl', 'how long, such as 30m or 24h', 'until it is lifted'), reason()],
    load: async () => (await import('./peers-ban.js')).peersBan,
  },
  {
    name: 'unban',
    help: 'lift a ban',
    example: 'peers unban --target 203.0.113.0/24',
    options: [target(), reason()],
    load: async () => (await import('./peers-unban.js')).peersUnban,
  },
  {
    name: 'bans',
    help: 'list the bans that hold',
    example: 'peers bans',
    options: [],
    load: async () => (await import('./peers-bans.js')).peersBans,
  },
  {
    name: 'trust',
    help: 'give a peer a reserved slot and never judge it',
    example: `peers trust --peer-id ${PEER}`,
    options: [peerId(), switchFlag('revoke', 'end it'), reason()],
    load: async () => (await import('./peers-trust.js')).peersTrust,
  },
];

/** `peers` and what is below it. */
export const PEERS_COMMAND: CommandSpec = {
  name: 'peers',
  help: 'interact with the network peers',
  options: [grpcAddressFlag()],
  commands: COMMANDS,
};
