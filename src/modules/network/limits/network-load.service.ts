import { Inject, Injectable } from '@nestjs/common';
import { NETWORK_CONFIG, type NetworkConfig } from '../network.config.js';
import type { LimitStanding, NetworkLoad } from '../ports/network-load.port.js';
import type { PeerId } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { RefusalCounts } from './refusal-counts.js';
import { type HeldResource, ResourceLedger } from './resource-ledger.js';
import type { ResourceUsage } from './resource-usage.js';

const UNITS = { memory: 'bytes', streams: 'streams', calls: 'calls' } as const;

/** How the limits on peers stand; of those for each peer it shows the one that holds most. */
@Injectable()
export class NetworkLoadService implements NetworkLoad {
  constructor(
    @Inject(NETWORK_CONFIG) private readonly config: NetworkConfig,
    private readonly ledger: ResourceLedger,
    private readonly slots: ConnectionSlots,
    private readonly refusals: RefusalCounts,
  ) {}

  limits(): readonly LimitStanding[] {
    const { limits, maxInboundPeers, maxOutboundPeers, reservedSlots, courtesySlots } = this.config;
    const { total, peers } = this.ledger.usage();
    const { inbound, outbound, reserved, courtesy } = this.slots.usage();
    const held = (resource: HeldResource, ofAll: number, ofPeer: number): LimitStanding[] => [
      {
        name: resource,
        used: total[resource],
        limit: ofAll,
        refused: this.refusals.of(resource, 'total'),
        unit: UNITS[resource],
      },
      {
        name: `${resource} of a peer`,
        used: mostOf(peers, resource),
        limit: ofPeer,
        refused: this.refusals.of(resource) - this.refusals.of(resource, 'total'),
        unit: UNITS[resource],
      },
    ];
    const slotsOf = (name: string, used: number, limit: number): LimitStanding => ({
      ...{ name, used, limit },
      refused: 0,
      unit: 'peers',
    });
    return [
      ...held('memory', limits.memoryBytes, limits.memoryBytesPerPeer),
      ...held('streams', limits.streams, limits.streamsPerPeer),
      ...held('calls', limits.calls, limits.callsPerPeer),
      {
        name: 'handshakes',
        used: total.handshakes,
        limit: limits.pendingHandshakes,
        refused: this.refusals.of('handshakes'),
        unit: 'handshakes',
      },
      {
        name: 'new connections',
        used: 0,
        limit: undefined,
        refused: this.refusals.of('accepts'),
        unit: 'connections',
      },
      { name: 'rates', used: 0, limit: undefined, refused: this.refusals.of('rates'), unit: 'messages' },
      slotsOf('inbound slots', inbound.active + inbound.pending, maxInboundPeers),
      slotsOf('outbound slots', outbound.active + outbound.pending, maxOutboundPeers),
      slotsOf('reserved slots', reserved, reservedSlots),
      slotsOf('courtesy slots', courtesy, courtesySlots),
    ];
  }
}

function mostOf(peers: ReadonlyMap<PeerId, ResourceUsage>, resource: HeldResource): number {
  return [...peers.values()].reduce((most, usage) => Math.max(most, usage[resource]), 0);
}
