import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { GrpcStatus, GrpcStatusError } from '../../common/grpc-status.js';
import { pullStream } from '../../common/pull-stream.js';
import type { GetBlocksRequest, SyncPeerStatusSchema } from '../../gen/v1/syncer_pb.js';
import { CHAIN, type Chain } from '../blockchain/index.js';
import type { PeerStreamCall } from '../network/index.js';
import { serveBlocks } from './serve-blocks.js';
import { SYNC_CONFIG, type SyncConfig } from './sync.config.js';
import { SYNC_METRICS, type SyncMetrics } from './sync.metrics.js';
import type { BlockMessage } from './sync-peer.codec.js';

/**
 * What we answer to peers that sync from us.
 * @see polygon-edge@597a0f3 syncer/service.go
 * @remarks Differs: the streams of one peer are limited.
 */
@Controller()
export class SyncPeerController {
  /** Running GetBlocks by peer. */
  private readonly streams = new Map<string, Set<AbortSignal>>();

  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(SYNC_CONFIG) private readonly config: SyncConfig,
    @Inject(SYNC_METRICS) private readonly metrics: SyncMetrics,
  ) {}

  @GrpcMethod('SyncPeer', 'GetStatus')
  getStatus(): MessageInitShape<typeof SyncPeerStatusSchema> {
    const head = this.chain.head();
    // Saying 0 would promise a genesis block that we do not have.
    if (!head) throw new GrpcStatusError(GrpcStatus.UNAVAILABLE, 'the genesis block is not known yet');
    return { number: BigInt(head.number) };
  }

  @GrpcMethod('SyncPeer', 'GetBlocks')
  getBlocks({ from }: GetBlocksRequest, _metadata: unknown, call: PeerStreamCall): Observable<never> {
    return pullStream(call, (signal) => this.serve(call.peerId, from, signal));
  }

  private async *serve(
    peerId: string,
    from: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly BlockMessage[]> {
    const running = this.streams.get(peerId) ?? new Set();
    if (running.size >= this.config.maxBlockStreamsPerPeer) {
      throw new GrpcStatusError(GrpcStatus.RESOURCE_EXHAUSTED, 'too many block streams');
    }
    this.streams.set(peerId, running.add(signal));
    try {
      for await (const batch of serveBlocks(this.chain, from, signal)) {
        this.metrics.blocksServed(
          batch.length,
          batch.reduce((bytes, { block }) => bytes + block.length, 0),
        );
        yield batch;
      }
    } finally {
      running.delete(signal);
      if (running.size === 0) this.streams.delete(peerId);
    }
  }
}
