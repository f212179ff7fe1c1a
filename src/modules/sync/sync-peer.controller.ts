import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { GrpcStatus, GrpcStatusError } from '../../common/grpc-status.js';
import { pullStream } from '../../common/pull-stream.js';
import type { GetBlocksRequest, SyncPeerStatusSchema } from '../../gen/v1/syncer_pb.js';
import { CHAIN, type Chain } from '../blockchain/index.js';
import type { PeerStreamCall } from '../network/index.js';
import { BlockShares } from './block-shares.js';
import { mayAnnounce } from './may-announce.js';
import { serveBlocks } from './serve-blocks.js';
import { SYNC_CONFIG, type SyncConfig } from './sync.config.js';
import { SYNC_METRICS, type SyncMetrics } from './sync.metrics.js';
import type { BlockMessage } from './sync-peer.codec.js';

/**
 * What we answer to peers that sync from us.
 * @see polygon-edge@597a0f3 syncer/service.go
 * @remarks Differs: peers share out fairly what is on its way to all of them.
 */
@Controller()
export class SyncPeerController {
  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    private readonly shares: BlockShares,
    @Inject(SYNC_METRICS) private readonly metrics: SyncMetrics,
    @Inject(SYNC_CONFIG) private readonly config: Pick<SyncConfig, 'announcePruned'>,
  ) {}

  @GrpcMethod('SyncPeer', 'GetStatus')
  getStatus(): MessageInitShape<typeof SyncPeerStatusSchema> {
    const head = this.chain.head();
    // Saying 0 would promise a genesis block that we do not have.
    if (!head) throw new GrpcStatusError(GrpcStatus.UNAVAILABLE, 'the genesis block is not known yet');
    if (!mayAnnounce(this.chain, this.config))
      throw new GrpcStatusError(GrpcStatus.UNAVAILABLE, 'this node does not keep the whole chain');
    return { number: BigInt(head.number) };
  }

  @GrpcMethod('SyncPeer', 'GetBlocks')
  getBlocks({ from }: GetBlocksRequest, _metadata: unknown, call: PeerStreamCall): Observable<never> {
    return pullStream(call, (signal) => this.serve(call, from, signal));
  }

  private async *serve(
    call: PeerStreamCall,
    from: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly BlockMessage[]> {
    const { shares, metrics } = this;
    const share = shares.open(call, signal);
    let blockBytes = 0;
    const pace = {
      turn: () => shares.turn(share),
      took: (bytes: number) => {
        shares.took(share, bytes);
        blockBytes = bytes;
      },
    };
    try {
      for await (const batch of serveBlocks(this.chain, from, signal, pace)) {
        metrics.blocksServed(batch.length, blockBytes);
        metrics.blockBytesInFlight(shares.bytesInFlight);
        yield batch;
      }
    } finally {
      shares.close(share);
      metrics.blockBytesInFlight(shares.bytesInFlight);
    }
  }
}
