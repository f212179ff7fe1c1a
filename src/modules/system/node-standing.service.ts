import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import { CHAIN, type Chain } from '../blockchain/index.js';
import { formatPeerAddress, PEERS, type Peers } from '../network/index.js';
import { SYNC, type Sync } from '../sync/index.js';
import { Activities } from './activities.js';
import type { NodeStanding } from './node.mapper.js';
import { NODE_FACTS, type NodeFacts } from './ports/node-facts.port.js';

/** Asks all parts of the node how they stand. */
@Injectable()
export class NodeStandingService {
  private readonly startedAtMs: number;

  constructor(
    @Inject(NODE_FACTS) private readonly facts: NodeFacts,
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(SYNC) private readonly sync: Pick<Sync, 'progress'>,
    private readonly activities: Activities,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.startedAtMs = clock.monotonicMs();
  }

  now(): NodeStanding {
    const address = this.peers.selfAddress();
    return {
      facts: this.facts,
      chain: this.chain.info(),
      head: this.chain.head(),
      peers: this.peers.list(),
      address: address ? formatPeerAddress(address) : '',
      sync: this.sync.progress(),
      paused: this.activities.paused(),
      uptimeMs: this.clock.monotonicMs() - this.startedAtMs,
    };
  }
}
