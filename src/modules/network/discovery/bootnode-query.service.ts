import { Inject, Injectable } from '@nestjs/common';
import { pickOne, RANDOM, type Random } from '../../../common/random.js';
import { BOOTNODES, type Bootnodes } from '../dial/bootnodes.js';
import { TemporaryVisits } from '../identity/temporary-visits.service.js';
import { PeerTable } from '../peers/peer-table.js';
import { ConnectionSlots } from '../slots/connection-slots.js';
import { PeerQuery } from './peer-query.service.js';

/** Looks in on bootnodes that are no peers of ours. */
@Injectable()
export class BootnodeQuery {
  constructor(
    @Inject(BOOTNODES) private readonly bootnodes: Bootnodes,
    private readonly visits: TemporaryVisits,
    private readonly query: PeerQuery,
    private readonly table: PeerTable,
    private readonly slots: ConnectionSlots,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  /**
   * Visits a random bootnode that is neither connected nor being dialed and asks it for peers.
   * Does nothing while no bootnode is a peer: then they are being dialed to stay.
   *
   * @throws {NetworkError} those of TemporaryVisits.visit and PeerQuery.ask
   * @see polygon-edge@597a0f3 network/discovery/discovery.go bootnodePeerDiscovery
   */
  async run(signal: AbortSignal): Promise<void> {
    if (this.query.isPaused) return;
    const all = [...this.bootnodes.values()];
    const away = all.filter(({ peerId }) => this.slots.stageOf(peerId) === undefined);
    if (!all.some(({ peerId }) => this.table.has(peerId))) return;
    const bootnode = pickOne(this.random, away);
    if (bootnode !== undefined)
      await this.visits.visit(bootnode, signal, (peerId) => this.query.ask(peerId, signal));
  }
}
