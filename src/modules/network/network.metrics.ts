import { grpcStatusName } from '../../common/grpc-status.js';
import type { MetricsRegistry } from '../../common/metrics.port.js';
import type { TopicVerdict } from './ports/host.port.js';
import type { Direction } from './ports/types.js';

/** How a dial ended: `connected`, or the error's code in short. */
type DialOutcome = 'connected' | 'failed' | 'timeout';
/** How a handshake ended: `connected`, `temporary`, or the error's code in short. */
type HandshakeOutcome = string;
/** What became of an address that a peer told us. */
type CandidateOutcome = 'queued' | 'known' | 'junk';

/** What the network module reports. Labels have few values: directions, outcomes, our own topics. */
export interface NetworkMetrics {
  peers(count: number): void;
  connections(direction: Direction, active: number, pending: number): void;
  dialFinished(outcome: DialOutcome, durationMs: number): void;
  handshakeFinished(direction: Direction, outcome: HandshakeOutcome): void;
  candidates(outcome: CandidateOutcome, count: number): void;
  gossipReceived(topic: string, verdict: TopicVerdict, bytes: number): void;
  gossipPublished(topic: string, bytes: number): void;
  /** One message, unread, because its neighbour sent too many. */
  gossipDropped(): void;
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
    help: 'Addresses that peers told us, by what became of them.',
    labels: ['outcome'],
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
    help: 'Gossip messages dropped unread because the neighbour sent more than it may.',
  });
  const peerCalls = registry.histogram({
    name: 'edgekeeper_network_peer_call_duration_seconds',
    help: 'Time that calls of peers to us took, by path and gRPC status.',
    labels: ['path', 'status'],
    // Unary calls are answered from memory; a GetBlocks stream may run for minutes.
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  });
  return {
    peers: (count) => peers.set(count),
    connections: (direction, active, waiting) => {
      connections.set(active, { direction });
      pending.set(waiting, { direction });
    },
    dialFinished: (outcome, durationMs) => dials.observe(durationMs / 1000, { outcome }),
    handshakeFinished: (direction, outcome) => handshakes.inc(1, { direction, outcome }),
    candidates: (outcome, count) => candidates.inc(count, { outcome }),
    gossipReceived: (topic, verdict, bytes) => {
      gossipMessages.inc(1, { topic, verdict });
      gossipBytes.inc(bytes, { topic, verdict });
    },
    gossipPublished: (topic, bytes) => {
      gossipMessages.inc(1, { topic, verdict: 'published' });
      gossipBytes.inc(bytes, { topic, verdict: 'published' });
    },
    gossipDropped: () => gossipDropped.inc(),
    peerCallAnswered: (path, status, durationMs) => {
      peerCalls.observe(durationMs / 1000, { path, status: grpcStatusName(status) });
    },
  };
}
