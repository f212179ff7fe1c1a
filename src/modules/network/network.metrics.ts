import { grpcStatusName } from '../../common/grpc-status.js';
import type { MetricsRegistry } from '../../common/metrics.port.js';
import { createLimitMetrics, type LimitMetrics } from './limits/limit-metrics.js';
import type { TopicVerdict } from './ports/host.port.js';
import type { Direction } from './ports/types.js';

/** How a dial ended: `connected`, or the error's code in short. */
type DialOutcome = 'connected' | 'failed' | 'timeout';
/** How a handshake ended: `connected`, `temporary`, or the error's code in short. */
type HandshakeOutcome = string;
/** What became of an address that we were told: it waits now, waited before, was not taken, or is none. */
type CandidateOutcome = 'new' | 'known' | 'refused' | 'junk';

/**
 * Why gossip was dropped.
 *
 * - `neighbour-rate`, `total-rate`: the neighbour, or all of them together, sent too many messages.
 * - `control-rate`: too many subscriptions and control messages; with `over-limit` too many in one RPC.
 * - `too-large`, `undecodable`: the RPC; the stream was reset.
 * - `not-joined`: a topic that we are not on.
 * - `unsupported`: nobody here can tell whether it is signed well.
 * - `bad-signature`, `validator`: the check that it failed.
 * - `graylisted`: an RPC of a neighbour that misbehaved too often.
 * - `queue-full`: the consumer of the topic, or a neighbour that it was for, does not keep up.
 */
export type GossipDropReason =
  | 'neighbour-rate'
  | 'total-rate'
  | 'control-rate'
  | 'over-limit'
  | 'too-large'
  | 'undecodable'
  | 'not-joined'
  | 'unsupported'
  | 'bad-signature'
  | 'validator'
  | 'graylisted'
  | 'queue-full';

/** What the network module reports. Labels have few values: directions, outcomes, our own topics. */
export interface NetworkMetrics extends LimitMetrics {
  peers(count: number): void;
  connections(direction: Direction, active: number, pending: number): void;
  /** Slots beside the ordinary ones. */
  sideSlots(reserved: number, courtesy: number): void;
  /** Bans that hold, of peers and networks. */
  bans(count: number): void;
  /** A fault cost a peer points; `code` is the error's. */
  scoreLowered(code: string): void;
  /** A peer left the table; `cause` is the error's code. */
  peerLeft(cause: string): void;
  dialFinished(outcome: DialOutcome, durationMs: number): void;
  handshakeFinished(direction: Direction, outcome: HandshakeOutcome): void;
  candidates(outcome: CandidateOutcome, count: number): void;
  /** Addresses that wait to be dialed. */
  dialCandidates(count: number): void;
  /** A peer found its bucket full; it is a peer nevertheless. */
  bucketFull(): void;
  gossipReceived(topic: string, verdict: TopicVerdict, bytes: number): void;
  gossipPublished(topic: string, bytes: number): void;
  /** One message, or an RPC with no telling what is in it. `topic` must be one of ours, or `other`. */
  gossipDropped(topic: string, reason: GossipDropReason): void;
  /** `path` must be one that we serve, or a stand-in. */
  peerCallAnswered(path: string, status: number, durationMs: number): void;
}

export const NETWORK_METRICS = Symbol('NETWORK_METRICS');

export function createNetworkMetrics(registry: MetricsRegistry): NetworkMetrics {
  const peers = registry.gauge({ name: 'edgekeeper_network_peers', help: 'Peers whose handshake is done.' });
  const connections = registry.gauge({
    name: 'edgekeeper_network_connections',
    help: 'Slots taken by peers, by direction.',
    labels: ['direction'],
  });
  const pending = registry.gauge({
    name: 'edgekeeper_network_pending_connections',
    help: 'Slots taken by dials, handshakes and temporary connections, by direction.',
    labels: ['direction'],
  });
  const reserved = registry.gauge({
    name: 'edgekeeper_network_reserved_slots',
    help: 'Reserved slots taken by trusted and static peers.',
  });
  const courtesy = registry.gauge({
    name: 'edgekeeper_network_courtesy_slots',
    help: 'Short visitors for whom there was no slot.',
  });
  const bans = registry.gauge({
    name: 'edgekeeper_network_bans',
    help: 'Bans of peers and networks that hold.',
  });
  const scoreFaults = registry.counter({
    name: 'edgekeeper_network_score_faults_total',
    help: 'Faults that cost a peer points, by error code.',
    labels: ['code'],
  });
  const departures = registry.counter({
    name: 'edgekeeper_network_peer_departures_total',
    help: 'Peers that left the table, by cause.',
    labels: ['cause'],
  });
  const dials = registry.histogram({
    name: 'edgekeeper_network_dial_duration_seconds',
    help: 'Time from the begin of a dial to its end, by outcome.',
    labels: ['outcome'],
    // From a LAN round trip to the default dial timeout of 10 s.
    buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10],
  });
  const handshakes = registry.counter({
    name: 'edgekeeper_network_handshakes_total',
    help: 'Handshakes that ended, by direction and outcome.',
    labels: ['direction', 'outcome'],
  });
  const candidates = registry.counter({
    name: 'edgekeeper_network_discovered_addresses_total',
    help: 'Addresses that we were told, by what became of them.',
    labels: ['outcome'],
  });
  const dialCandidates = registry.gauge({
    name: 'edgekeeper_network_dial_candidates',
    help: 'Addresses that wait to be dialed.',
  });
  const fullBuckets = registry.counter({
    name: 'edgekeeper_network_full_buckets_total',
    help: 'Peers that others are not told of because their bucket of the routing table was full.',
  });
  const gossipMessages = registry.counter({
    name: 'edgekeeper_network_gossip_messages_total',
    help: 'Gossip messages, by topic and by verdict (published: our own).',
    labels: ['topic', 'verdict'],
  });
  const gossipBytes = registry.counter({
    name: 'edgekeeper_network_gossip_bytes_total',
    help: 'Payload bytes of gossip messages, by topic and by verdict (published: our own).',
    labels: ['topic', 'verdict'],
  });
  const gossipDropped = registry.counter({
    name: 'edgekeeper_network_gossip_dropped_total',
    help: 'Gossip messages that were dropped, by topic (other: none of ours) and reason.',
    labels: ['topic', 'reason'],
  });
  const peerCalls = registry.histogram({
    name: 'edgekeeper_network_peer_call_duration_seconds',
    help: 'Time that calls of peers to us took, by path and gRPC status.',
    labels: ['path', 'status'],
    // Unary calls are answered from memory; a GetBlocks stream may run for minutes.
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  });
  return {
    ...createLimitMetrics(registry),
    peers: (count) => peers.set(count),
    bans: (count) => bans.set(count),
    scoreLowered: (code) => scoreFaults.inc(1, { code }),
    connections: (direction, active, waiting) => {
      connections.set(active, { direction });
      pending.set(waiting, { direction });
    },
    sideSlots: (pinned, visitors) => {
      reserved.set(pinned);
      courtesy.set(visitors);
    },
    peerLeft: (cause) => departures.inc(1, { cause }),
    dialFinished: (outcome, durationMs) => dials.observe(durationMs / 1000, { outcome }),
    handshakeFinished: (direction, outcome) => handshakes.inc(1, { direction, outcome }),
    candidates: (outcome, count) => candidates.inc(count, { outcome }),
    dialCandidates: (count) => dialCandidates.set(count),
    bucketFull: () => fullBuckets.inc(),
    gossipReceived: (topic, verdict, bytes) => {
      gossipMessages.inc(1, { topic, verdict });
      gossipBytes.inc(bytes, { topic, verdict });
    },
    gossipPublished: (topic, bytes) => {
      gossipMessages.inc(1, { topic, verdict: 'published' });
      gossipBytes.inc(bytes, { topic, verdict: 'published' });
    },
    gossipDropped: (topic, reason) => gossipDropped.inc(1, { topic, reason }),
    peerCallAnswered: (path, status, durationMs) => {
      peerCalls.observe(durationMs / 1000, { path, status: grpcStatusName(status) });
    },
  };
}
