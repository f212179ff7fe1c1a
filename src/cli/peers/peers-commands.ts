import type { CommandSpec } from '../command-table.js';
import { grpcAddressFlag, repeatedFlag, switchFlag, valueFlag } from '../flags.js';

const peerId = () => valueFlag('peer-id', 'libp2p node ID of a specific peer within p2p network');
const target = () => valueFlag('target', 'a peer ID, an IP address, or a network such as 10.0.0.0/8');
const reason = () => valueFlag('reason', 'why, for the audit');

const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'add',
    help: 'dial peers',
    options: [
      repeatedFlag('addr', 'the libp2p address of a peer; may be repeated'),
      switchFlag('wait', 'wait until they are connected or have failed, and show how far each came'),
      valueFlag('timeout', 'with --wait: how long at most, up to 25s', '20s'),
    ],
    load: async () => (await import('./peers-add.js')).peersAdd,
  },
  {
    name: 'list',
    help: 'list the connected peers',
    options: [
      switchFlag('details', 'a row for each with direction, age, latency, height, score, traffic and agent'),
    ],
    load: async () => (await import('./peers-list.js')).peersList,
  },
  {
    name: 'status',
    help: 'show what is known of a peer',
    options: [peerId()],
    load: async () => (await import('./peers-status.js')).peersStatus,
  },
  {
    name: 'explain',
    help: 'explain why a peer is not connected, banned, or not what blocks are read from',
    options: [peerId()],
    load: async () => (await import('./peers-explain.js')).peersExplain,
  },
  {
    name: 'watch',
    help: 'print the connected peers, then every event of peers',
    options: [],
    load: async () => (await import('./peers-watch.js')).peersWatch,
  },
  {
    name: 'remove',
    help: 'close the connections to a peer that is not static, and give up its dial',
    options: [peerId(), reason()],
    load: async () => (await import('./peers-remove.js')).peersRemove,
  },
  {
    name: 'ban',
    help: 'refuse a peer, an IP address or a network',
    options: [target(), valueFlag('ttl', 'how long, such as 30m or 24h', 'until it is lifted'), reason()],
    load: async () => (await import('./peers-ban.js')).peersBan,
  },
  {
    name: 'unban',
    help: 'lift a ban',
    options: [target(), reason()],
    load: async () => (await import('./peers-unban.js')).peersUnban,
  },
  {
    name: 'bans',
    help: 'list the bans that hold',
    options: [],
    load: async () => (await import('./peers-bans.js')).peersBans,
  },
  {
    name: 'trust',
    help: 'give a peer a reserved slot and never judge it',
    options: [peerId(), switchFlag('revoke', 'end it'), reason()],
    load: async () => (await import('./peers-trust.js')).peersTrust,
  },
  {
    name: 'pin',
    help: 'give a peer a reserved slot and dial it for as long as it is away',
    options: [
      valueFlag('addr', 'the libp2p address of the peer; to end it, /p2p/<peer ID> is enough'),
      switchFlag('revoke', 'end it'),
      reason(),
    ],
    load: async () => (await import('./peers-pin.js')).peersPin,
  },
  {
    name: 'audit',
    help: 'list who banned, removed, trusted or pinned whom, newest first',
    options: [valueFlag('limit', 'how many of them, up to 1000', 'all')],
    load: async () => (await import('./peers-audit.js')).peersAudit,
  },
];

/** `peers` and what is below it. */
export const PEERS_COMMAND: CommandSpec = {
  name: 'peers',
  help: 'interact with the network peers',
  options: [grpcAddressFlag()],
  commands: COMMANDS,
};
