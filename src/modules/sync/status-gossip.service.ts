import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { onEvent } from '../../common/on-event.js';
import {
  PEERS,
  type Peers,
  TOPICS,
  type TopicMessage,
  type Topics,
  type TopicVerdict,
} from '../network/index.js';
import { PeerHeights } from './peer-heights.js';
import { faultOf } from './round-error.js';
import { SYNC_CONFIG, type SyncConfig } from './sync.config.js';
import { SyncError } from './sync.errors.js';
import { SYNC_METRICS, type SyncMetrics } from './sync.metrics.js';
import { MAX_STATUS_BYTES } from './sync-peer.client.js';
import { decodeStatus } from './sync-peer.codec.js';

/**
 * Whether a gossiped status is relayed. Junk never is; the neighbour that brings it is blamed only if it is the author,
 * because Go nodes relay whatever is signed.
 */
export function judgeStatus({ data, from, receivedFrom }: TopicMessage): TopicVerdict {
  const height = data.length <= MAX_STATUS_BYTES ? heightIn(data) : undefined;
  if (height !== undefined && height <= BigInt(Number.MAX_SAFE_INTEGER)) return 'accept';
  return from === receivedFrom ? 'reject' : 'ignore';
}

function heightIn(data: Uint8Array): bigint | undefined {
  try {
    return decodeStatus(data);
  } catch {
    return undefined;
  }
}

/**
 * Takes the heights that directly connected peers gossip; relays those of all.
 * @see polygon-edge@597a0f3 syncer/client.go handleStatusUpdate
 */
@Injectable()
export class StatusGossipService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly controller = new AbortController();
  private readonly log: Logger;

  constructor(
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(TOPICS) private readonly topics: Topics,
    private readonly heights: PeerHeights,
    @Inject(SYNC_CONFIG) private readonly config: SyncConfig,
    @Inject(SYNC_METRICS) private readonly metrics: SyncMetrics,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('sync');
  }

  onApplicationBootstrap(): void {
    const { signal } = this.controller;
    if (signal.aborted) return;
    const messages$ = this.topics.subscribe(this.config.statusTopic, (message) => {
      const verdict = judgeStatus(message);
      this.metrics.statusReceived(verdict);
      return verdict;
    });
    onEvent(messages$, (message) => this.take(message), { signal, log: this.log });
  }

  beforeApplicationShutdown(): void {
    this.controller.abort();
  }

  private take({ from, data }: TopicMessage): void {
    if (!this.peers.has(from)) return;
    try {
      this.heights.put(from, decodeStatus(data));
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      this.log.debug('implausible status', { peerId: from, code: error.code });
      this.peers.report(from, faultOf(error, 'drop'));
    }
  }
}
