import { create } from '@bufbuild/protobuf';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { type FindPeersReq, type FindPeersResp, FindPeersRespSchema } from '../../../gen/v1/discovery_pb.js';
import { formatPeerAddress } from '../address/peer-address.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { PeerCall } from '../ports/peer-handlers.port.js';
import { addressForCaller, checkFindPeers } from './find-peers.js';
import { knownTransports, seenFromOutside } from './known-transports.js';
import { kadIdOfKey, RoutingTable } from './routing-table.js';

/** Tells other nodes about our peers. */
@Controller()
export class DiscoveryController {
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly routing: RoutingTable,
  ) {}

  /**
   * Up to `count` peers nearest to the key, each with one address.
   *
   * @throws {NetworkError} NETWORK.BAD_REQUEST
   * @see polygon-edge@597a0f3 network/discovery/discovery.go FindPeers
   * @remarks Differs: the caller is left out before counting, peers without a usable address are left out instead of failing the call,
   * and local addresses are not told to callers from outside.
   */
  @GrpcMethod('Discovery', 'FindPeers')
  findPeers(request: FindPeersReq, _metadata: unknown, { peerId: caller }: PeerCall): FindPeersResp {
    const { key, count } = checkFindPeers(request);
    const target = kadIdOfKey(key === '' ? caller : key);
    const isOutside = seenFromOutside(this.host, caller);
    const nodes: string[] = [];
    for (const peerId of this.routing.nearest(target, this.routing.size)) {
      if (nodes.length === count) break;
      if (peerId === caller) continue;
      const address = addressForCaller(peerId, knownTransports(this.host, peerId), isOutside);
      if (address !== undefined) nodes.push(formatPeerAddress(address));
    }
    return create(FindPeersRespSchema, { nodes });
  }
}
