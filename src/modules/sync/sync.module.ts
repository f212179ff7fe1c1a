import { type DynamicModule, Module } from '@nestjs/common';
import { Backoff } from '../../common/backoff.js';
import { CLOCK, type Clock } from '../../common/clock.js';
import { METRICS, type MetricsRegistry } from '../../common/metrics.port.js';
import { RANDOM, type Random } from '../../common/random.js';
import { CHAIN, type Chain, readVote } from '../blockchain/index.js';
import { PEERS, type Peers } from '../network/index.js';
import { BlockShares } from './block-shares.js';
import { BranchFinder } from './branch-finder.js';
import { Fetcher } from './fetcher.js';
import { InsertOutcomes } from './insert-outcomes.js';
import { InsertQueue } from './insert-queue.js';
import { PeerConduct } from './peer-conduct.js';
import { peerDistance } from './peer-distance.js';
import { PeerHeights } from './peer-heights.js';
import { SYNC, SYNC_CONTROL } from './ports/sync.port.js';
import { RangeBook } from './range-book.js';
import { RangeReader } from './range-reader.js';
import { READ_LIMITS } from './serve-blocks.js';
import { SkipList } from './skip-list.js';
import { StatusGossipService } from './status-gossip.service.js';
import { StatusPollerService } from './status-poller.service.js';
import { StatusPublisherService } from './status-publisher.service.js';
import { SYNC_CONFIG, SYNC_SETUP, type SyncConfig, type SyncSetup } from './sync.config.js';
import { createSyncMetrics, SYNC_METRICS, type SyncMetrics } from './sync.metrics.js';
import { SyncService } from './sync.service.js';
import { SyncPeerClient } from './sync-peer.client.js';
import { SyncPeerController } from './sync-peer.controller.js';
import { READ_VOTE, VoteCopies } from './vote-copies.js';
import { VoteDisputes } from './vote-disputes.js';
import { VoteWatch } from './vote-watch.js';

export interface SyncModuleOptions {
  readonly config: SyncConfig;
  readonly setup: SyncSetup;
  /** The modules that export PEERS, TOPICS, PEER_PROTOCOLS, CHAIN and CHAIN_WRITER. */
  readonly imports: readonly DynamicModule[];
}

@Module({})
export class SyncModule {
  static forRoot({ config, setup, imports }: SyncModuleOptions): DynamicModule {
    return {
      module: SyncModule,
      imports: [...imports],
      controllers: [SyncPeerController],
      providers: [
        { provide: SYNC_CONFIG, useValue: config },
        { provide: SYNC_SETUP, useValue: setup },
        {
          provide: SYNC_METRICS,
          inject: [METRICS],
          useFactory: (registry: MetricsRegistry) => createSyncMetrics(registry),
        },
        {
          provide: Backoff,
          inject: [RANDOM],
          useFactory: (random: Random) =>
            new Backoff({ baseMs: config.retryBaseMs, maxMs: config.retryMaxMs }, random),
        },
        {
          provide: SkipList,
          inject: [Backoff, CLOCK],
          useFactory: (backoff: Backoff, clock: Clock) => new SkipList(backoff, clock),
        },
        {
          provide: PeerHeights,
          inject: [PEERS, CHAIN],
          useFactory: (peers: Peers, chain: Chain) =>
            new PeerHeights({
              head: () => chain.head()?.number ?? -1,
              distanceTo: (peerId) => peerDistance(peers.self, peerId),
              maxClaimAhead: config.maxClaimAhead,
            }),
        },
        {
          provide: BlockShares,
          inject: [CLOCK, SYNC_METRICS],
          useFactory: (clock: Clock, metrics: SyncMetrics) =>
            new BlockShares({
              clock,
              streamsPerPeer: setup.blockStreamsPerPeer,
              bytesInFlight: setup.blockBytesInFlight,
              maxReadBytes: Math.max(READ_LIMITS.maxBytes, setup.maxBlockBytes),
              onRefused: (reason) => metrics.blockStreamRefused(reason),
            }),
        },
        SyncPeerClient,
        { provide: RangeBook, useFactory: () => new RangeBook(config) },
        { provide: READ_VOTE, useValue: readVote },
        RangeReader,
        InsertQueue,
        PeerConduct,
        Fetcher,
        BranchFinder,
        VoteCopies,
        VoteDisputes,
        VoteWatch,
        InsertOutcomes,
        StatusPollerService,
        StatusGossipService,
        StatusPublisherService,
        SyncService,
        { provide: SYNC, useExisting: SyncService },
        { provide: SYNC_CONTROL, useExisting: SyncService },
      ],
      exports: [SYNC, SYNC_CONTROL],
    };
  }
}
