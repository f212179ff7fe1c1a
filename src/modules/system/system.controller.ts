import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller, Inject, UseInterceptors } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { firstValueFrom, map, type Observable } from 'rxjs';
import { boundedStream } from '../../common/bounded-stream.js';
import { pullStream } from '../../common/pull-stream.js';
import type { StreamCall } from '../../common/stream-call.js';
import type {
  BlockByNumberRequest,
  BlockResponseSchema,
  ExportRequest,
  PeerSchema,
  PeersAddRequest,
  PeersAddResponseSchema,
  PeersListResponseSchema,
  PeersStatusRequest,
  ServerStatusSchema,
} from '../../gen/v1/system_pb.js';
import { BlockchainError, CHAIN, type Chain } from '../blockchain/index.js';
import { formatPeerAddress, PEERS, type Peers, parsePeerAddress, parsePeerId } from '../network/index.js';
import { exportBlocks } from './block-export.js';
import { OperatorCallInterceptor } from './operator-call.interceptor.js';
import { OPERATOR_CLOSING } from './ports/operator-closing.port.js';
import { SYSTEM_CONFIG, type SystemConfig } from './system.config.js';
import { SystemError } from './system.errors.js';
import {
  type BlockchainEventInit,
  lowestHeight,
  toBlockchainEvent,
  toHeight,
  toPeer,
  toServerStatus,
} from './system.mapper.js';

/**
 * The operator service.
 * @see polygon-edge@597a0f3 server/system_service.go
 * @remarks Differs: proper status codes instead of UNKNOWN, `genesis` filled in, and a stalled subscriber loses its own
 * stream (RESOURCE_EXHAUSTED) where it stops the import of blocks in the Go client.
 */
@Controller()
@UseInterceptors(OperatorCallInterceptor)
export class SystemController {
  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(SYSTEM_CONFIG) private readonly config: SystemConfig,
    @Inject(OPERATOR_CLOSING) private readonly closing: AbortSignal,
  ) {}

  @GrpcMethod('System', 'GetStatus')
  getStatus(): MessageInitShape<typeof ServerStatusSchema> {
    const address = this.peers.selfAddress();
    if (!address) throw new SystemError({ code: 'SYSTEM.NO_ADDRESS' });
    return toServerStatus(this.chain.info(), this.chain.head(), formatPeerAddress(address));
  }

  /** Answers as soon as the dial is queued, as the Go client does; one that is refused at once fails. */
  @GrpcMethod('System', 'PeersAdd')
  async peersAdd(request: PeersAddRequest): Promise<MessageInitShape<typeof PeersAddResponseSchema>> {
    const first = await firstValueFrom(this.peers.add(parsePeerAddress(request.id)));
    if (first.stage === 'failed') throw first.error;
    return { message: 'Peer address marked ready for dialing' };
  }

  @GrpcMethod('System', 'PeersList')
  peersList(): MessageInitShape<typeof PeersListResponseSchema> {
    return { peers: this.peers.list().map(({ peerId }) => toPeer(this.peers.describe(peerId))) };
  }

  @GrpcMethod('System', 'PeersStatus')
  peersStatus(request: PeersStatusRequest): MessageInitShape<typeof PeerSchema> {
    return toPeer(this.peers.describe(parsePeerId(request.id)));
  }

  @GrpcMethod('System', 'Subscribe')
  subscribe(_request: unknown, _metadata: unknown, call: StreamCall<unknown>): Observable<never> {
    const events$ = this.chain.events$.pipe(map(toBlockchainEvent));
    return boundedStream<BlockchainEventInit>(call, events$, {
      capacity: this.config.subscriberCapacity,
      onOverflow: (lost) =>
        new SystemError({ code: 'SYSTEM.SUBSCRIBER_TOO_SLOW', resumeFrom: lowestHeight(lost) }),
      closing: this.closing,
    });
  }

  @GrpcMethod('System', 'BlockByNumber')
  async blockByNumber({
    number,
  }: BlockByNumberRequest): Promise<MessageInitShape<typeof BlockResponseSchema>> {
    const height = toHeight(number);
    const data = await this.chain.rawBlock(height);
    const { tail } = this.chain.info();
    if (!data && height > 0 && height < tail)
      throw new BlockchainError({ code: 'BLOCKCHAIN.PRUNED', number: height, tail });
    if (!data) throw new SystemError({ code: 'SYSTEM.BLOCK_NOT_FOUND', number });
    return { data };
  }

  @GrpcMethod('System', 'Export')
  export(request: ExportRequest, _metadata: unknown, call: StreamCall<unknown>): Observable<never> {
    const { from, to } = request;
    if (to !== 0n && from >= to) throw new SystemError({ code: 'SYSTEM.EXPORT_RANGE_INVALID', from, to });
    return pullStream(call, (signal) => exportBlocks(this.chain, request, signal));
  }
}
