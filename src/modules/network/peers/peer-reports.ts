import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { Logger } from '../../../common/logger.port.js';
import { Conduct } from '../conduct/conduct.service.js';
import { NetworkError } from '../network.errors.js';
import { NETWORK_LOG } from '../network.log.js';
import type { PeerFault } from '../ports/peers.port.js';
import type { PeerId } from '../ports/types.js';
import { ConnectionSlots } from '../slots/connection-slots.js';

const MAX_REASON_CHARACTERS = 300;

/** What consumers tell of peers. */
@Injectable()
export class PeerReports {
  constructor(
    private readonly conduct: Conduct,
    @Inject(ConnectionSlots) private readonly slots: Pick<ConnectionSlots, 'markUseful'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(NETWORK_LOG) private readonly log: Logger,
  ) {}

  blame(peerId: PeerId, { code: fault, message, severity }: PeerFault): void {
    const reason = message.slice(0, MAX_REASON_CHARACTERS);
    this.log.debug('peer reported', { peerId, code: fault, reason, severity });
    if (severity === 'retry') return;
    const code = 'NETWORK.REPORTED_BY_CONSUMER';
    this.conduct.judge(peerId, new NetworkError({ code, peerId, fault, reason, severity }));
  }

  praise(peerId: PeerId): void {
    this.slots.markUseful(peerId, this.clock.nowMs());
  }
}
