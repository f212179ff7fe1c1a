import { create } from '@bufbuild/protobuf';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { type FindPeersReq, type FindPeersResp, FindPeersRespSchema } from '../../../gen/v1/discovery_pb.js';
import { formatPeerAddress } from '../address/peer-address.js';
import { NetworkError } from '../network.errors.js';
import { HOST, type Host } from '../ports/host.port.js';
import type { PeerCall } from '../ports/peer-handlers.port.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { AnnouncePolicy } from './announce-policy.js';
import { checkFindPeers, FIND_PEERS_PATH } from './find-peers.js';
import { knownTransports, seenFromOutside } from './known-transports.js';
import { kadIdOfKey, RoutingTable } from './routing-table.js';

/** Tells other nodes about our peers. */
@Controller()
export class DiscoveryController {
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly routing: RoutingTable,
    private readonly slots: ConnectionSlots,
    private readonly policy: AnnouncePolicy,
  ) {}

  /**
   * Up to `count` peers nearest to the key, each with one address.
   *
   * @throws {NetworkError} NETWORK.BAD_REQUEST | NETWORK.RATE_LIMITED for the second question of a courtesy visitor
   * @see polygon-edge@597a0f3 network/discovery/discovery.go FindPeers
   * @remarks Differs: the caller is left out before counting, peers without a usable address are left out instead of failing the call,
   * and so are those that {@link AnnouncePolicy} keeps back.
   */
  @GrpcMethod('Discovery', 'FindPeers')
  findPeers(request: FindPeersReq, _metadata: unknown, { peerId: caller }: PeerCall): FindPeersResp {
    const { key, count } = checkFindPeers(request);
    if (!this.slots.takeQuestion(caller)) {
      throw new NetworkError({ code: 'NETWORK.RATE_LIMITED', peerId: caller, path: FIND_PEERS_PATH });
    }
    const target = kadIdOfKey(key === '' ? caller : key);
    const isOutside = seenFromOutside(this.host, caller);
    const nodes: string[] = [];
    for (const peerId of this.routing.nearest(target, this.routing.size)) {
      if (nodes.length === count) break;
      if (peerId === caller) continue;
      const address = this.policy.addressFor(peerId, knownTransports(this.host, peerId), isOutside);
      if (address !== undefined) nodes.push(formatPeerAddress(address));
    }
    return create(FindPeersRespSchema, { nodes });
  }
}
