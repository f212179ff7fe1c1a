import type { Clock } from '../../../common/clock.js';
import { subnetOf } from '../address/subnet.js';
import type { PeerBook } from '../book/peer-book.js';
import type { PinnedPeers } from '../book/pinned-peers.js';
import type { Conduct } from '../conduct/conduct.service.js';
import { NetworkError } from '../network.errors.js';
import type { HostConnection } from '../ports/host.port.js';
import { chooseEviction, type Newcomer, type SlotHolder } from '../slots/choose-eviction.js';
import type { ConnectionSlots, SlotHold } from '../slots/connection-slots.js';
import type { PeerSession } from './peer-session.js';
import type { Quarantine } from './quarantine.js';

/** What becomes of a peer's first connection. One with a courtesy slot never becomes a peer. */
export type AdmissionResult =
  | { readonly slot: SlotHold }
  | {
      readonly slot: SlotHold;
      /** Whose slot it was; to be disconnected with the cause. */
      readonly evicted: PeerSession;
      readonly cause: NetworkError;
    }
  | { readonly refusal: NetworkError };

/** Decides who gets in. */
export class Admission {
  constructor(
    private readonly slots: ConnectionSlots,
    private readonly quarantine: Pick<Quarantine, 'refusalOf'>,
    private readonly book: Pick<PeerBook, 'isKnownGood'>,
    private readonly pinned: Pick<PinnedPeers, 'isPinned'>,
    private readonly conduct: Pick<Conduct, 'describe' | 'refusalOf'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes a slot: a free one; else, for one that came in itself, that of a peer which is clearly worth less; else a
   * courtesy slot. What is refused (NETWORK.QUARANTINED | NETWORK.SCORE_TOO_LOW | NETWORK.NO_FREE_SLOT) must be closed
   * at once.
   *
   * @param present the sessions there are
   * @remarks Differs: the Go client closes whatever exceeds its slots.
   */
  admit(connection: HostConnection, present: Iterable<PeerSession>): AdmissionResult {
    const { peerId, direction } = connection;
    const refusal = this.quarantine.refusalOf(peerId) ?? this.conduct.refusalOf(peerId);
    if (refusal !== undefined) return { refusal };
    const free = this.slots.beginConnection(peerId, direction);
    if (free !== undefined) return { slot: free };
    if (direction === 'inbound') {
      const taken = this.#evictFor(connection, present);
      if (taken !== undefined) return taken;
      const courtesy = this.slots.beginCourtesy(peerId);
      if (courtesy !== undefined) return { slot: courtesy };
    }
    return { refusal: new NetworkError({ code: 'NETWORK.NO_FREE_SLOT', peerId, direction }) };
  }

  #evictFor(connection: HostConnection, present: Iterable<PeerSession>): AdmissionResult | undefined {
    const holders = [...present].filter(
      ({ slot, closing }) =>
        closing === undefined && slot.direction === 'inbound' && slot.stage !== 'courtesy',
    );
    const eviction = chooseEviction(
      this.#rate(connection),
      holders.map((holder) => this.#weigh(holder)),
    );
    const evicted = holders.find(({ peerId }) => peerId === eviction?.peerId);
    if (eviction === undefined || evicted === undefined) return undefined;
    const slot = this.slots.takeOver(connection.peerId, eviction.peerId);
    return slot && { slot, evicted, cause: new NetworkError({ code: 'NETWORK.EVICTED', ...eviction }) };
  }

  #rate({ peerId, remote }: HostConnection): Newcomer {
    return {
      isPinned: this.pinned.isPinned(peerId),
      isKnownGood: this.book.isKnownGood(peerId),
      score: this.conduct.describe(peerId).score,
      subnet: subnetOf(remote),
    };
  }

  #weigh({ peerId, slot, oldest, startedAtMs }: PeerSession): SlotHolder {
    const nowMs = this.clock.nowMs();
    const usefulAtMs = this.slots.lastUsefulAtMs(peerId);
    return {
      ...this.#rate(oldest),
      peerId,
      isActive: slot.stage === 'active',
      ageMs: nowMs - startedAtMs,
      uselessMs: usefulAtMs === undefined ? undefined : nowMs - usefulAtMs,
    };
  }
}
