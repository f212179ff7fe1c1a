import { type Observable, Subject } from 'rxjs';
import type { PinnedPeers } from '../book/pinned-peers.js';
import type { Direction, PeerId } from '../ports/types.js';

/**
 * dialing = on the way out, pending = connected and not yet (or never to be) a peer, active = a peer,
 * courtesy = a short visitor of a full node, never a peer.
 */
export type SlotStage = 'dialing' | 'pending' | 'active' | 'courtesy';

interface Slot {
  direction: Direction;
  stage: SlotStage;
  lastUsefulAtMs?: number;
  hasAsked?: boolean;
}

export interface SlotCounts {
  readonly active: number;
  readonly pending: number;
}

/** All slots taken. `reserved` and `courtesy` ones are in neither direction's counts. */
export interface SlotUsage extends Readonly<Record<Direction, SlotCounts>> {
  readonly reserved: number;
  readonly courtesy: number;
}

export interface SlotLimits extends Readonly<Record<Direction, number>> {
  /** For pinned peers of both directions, beside the others. */
  readonly reserved: number;
  readonly courtesy: number;
}

/** A session's claim to its peer's slot. Once the slot is released or given to another, none of this has an effect. */
export interface SlotHold {
  readonly direction: Direction;
  readonly stage: SlotStage;
  /** The peer's handshake is done. */
  activate(): void;
  /** The peer is connected in that direction only: its slot counts there if there is room, else where it did. */
  moveTo(direction: Direction): void;
  release(): void;
}

/**
 * Admission by direction. A slot belongs to a peer from the dial or the first connection to the last one's end,
 * and counts are taken from the slots themselves, so none can leak.
 *
 * Which slots are reserved is not kept but counted too: those of the first `reserved` pinned peers. So a peer that is
 * pinned while it is here frees an ordinary slot at once; one whose pin is lifted may leave its direction above the limit
 * until somebody goes.
 *
 * @see polygon-edge@597a0f3 network/connections.go ConnectionInfo
 * @remarks Differs: the Go client counts dials, handshakes and connections apart and loses slots on temporary dials,
 * on rejections and on dials of connected peers. A temporary dial keeps its pending slot while it lasts.
 */
export class ConnectionSlots {
  readonly #slots = new Map<PeerId, Slot>();
  readonly #changed = new Subject<void>();

  /** After each change, for those who wait for a slot. */
  readonly changed$: Observable<void> = this.#changed.asObservable();

  constructor(
    private readonly limits: SlotLimits,
    private readonly pinned: Pick<PinnedPeers, 'isPinned'>,
  ) {}

  /** @param peerId for whom: a pinned peer finds the reserved slots too */
  hasFree(direction: Direction, peerId?: PeerId): boolean {
    const usage = this.usage();
    if (peerId !== undefined && usage.reserved < this.limits.reserved && this.pinned.isPinned(peerId)) {
      return true;
    }
    const { active, pending } = usage[direction];
    return active + pending < this.limits[direction];
  }

  /** Ordinary slots taken; dials count as pending. */
  counts(direction: Direction): SlotCounts {
    return this.usage()[direction];
  }

  /** Ordinary slots taken, dials included, and how many there are. */
  occupancy(direction: Direction): { readonly taken: number; readonly limit: number } {
    const { active, pending } = this.usage()[direction];
    return { taken: active + pending, limit: this.limits[direction] };
  }

  usage(): SlotUsage {
    const inbound = { active: 0, pending: 0 };
    const outbound = { active: 0, pending: 0 };
    let reserved = 0;
    let courtesy = 0;
    for (const [peerId, { direction, stage }] of this.#slots) {
      if (stage === 'courtesy') courtesy++;
      else if (reserved < this.limits.reserved && this.pinned.isPinned(peerId)) reserved++;
      else (direction === 'inbound' ? inbound : outbound)[stage === 'active' ? 'active' : 'pending']++;
    }
    return { inbound, outbound, reserved, courtesy };
  }

  stageOf(peerId: PeerId): SlotStage | undefined {
    return this.#slots.get(peerId)?.stage;
  }

  /** Takes an outbound slot for a dial; false when none is free or the peer has a slot already. */
  beginDial(peerId: PeerId): boolean {
    if (this.#slots.has(peerId) || !this.hasFree('outbound', peerId)) return false;
    this.#put(peerId, { direction: 'outbound', stage: 'dialing' });
    return true;
  }

  /** Ends a dial; a slot that a connection has taken over stays. */
  endDial(peerId: PeerId): void {
    const slot = this.#slots.get(peerId);
    if (slot?.stage === 'dialing') this.#drop(peerId, slot);
  }

  /**
   * Takes a slot for a connection, or takes over the peer's dial: when a peer that is being dialed comes in itself,
   * it gets an inbound slot if there is one and keeps the dial's if not.
   *
   * @returns undefined when there is no slot.
   */
  beginConnection(peerId: PeerId, direction: Direction): SlotHold | undefined {
    const held = this.#slots.get(peerId);
    if (held !== undefined && held.stage !== 'dialing') return this.#hold(peerId, held);
    if (this.hasFree(direction, peerId)) return this.#put(peerId, { direction, stage: 'pending' });
    return held && this.#put(peerId, { direction: held.direction, stage: 'pending' });
  }

  /** The newcomer takes the place of a peer, limits unchanged; the one that had it must be disconnected. */
  takeOver(peerId: PeerId, from: PeerId): SlotHold | undefined {
    const slot = this.#slots.get(from);
    if (slot === undefined || this.#slots.has(peerId)) return undefined;
    this.#slots.delete(from);
    return this.#put(peerId, { direction: slot.direction, stage: 'pending' });
  }

  /** Takes one of the courtesy slots; undefined when all are taken or the peer has a slot of another kind. */
  beginCourtesy(peerId: PeerId): SlotHold | undefined {
    if (this.#slots.has(peerId) || this.usage().courtesy >= this.limits.courtesy) return undefined;
    return this.#put(peerId, { direction: 'inbound', stage: 'courtesy' });
  }

  /** Whether the peer may ask for peers: a courtesy visitor once, others always. The question counts as asked. */
  takeQuestion(peerId: PeerId): boolean {
    const slot = this.#slots.get(peerId);
    if (slot?.stage !== 'courtesy') return true;
    const isFirst = slot.hasAsked !== true;
    slot.hasAsked = true;
    return isFirst;
  }

  /** The peer gave something that we had use for: a new gossip message, blocks. Forgotten with its slot. */
  markUseful(peerId: PeerId, atMs: number): void {
    const slot = this.#slots.get(peerId);
    if (slot !== undefined) slot.lastUsefulAtMs = atMs;
  }

  lastUsefulAtMs(peerId: PeerId): number | undefined {
    return this.#slots.get(peerId)?.lastUsefulAtMs;
  }

  #hold(peerId: PeerId, slot: Slot): SlotHold {
    const isHeld = () => this.#slots.get(peerId) === slot;
    return {
      get direction() {
        return slot.direction;
      },
      get stage() {
        return slot.stage;
      },
      activate: () => {
        if (!isHeld() || slot.stage !== 'pending') return;
        slot.stage = 'active';
        this.#changed.next();
      },
      moveTo: (direction) => {
        if (!isHeld() || slot.direction === direction || !this.hasFree(direction, peerId)) return;
        slot.direction = direction;
        this.#changed.next();
      },
      release: () => this.#drop(peerId, slot),
    };
  }

  #put(peerId: PeerId, slot: Slot): SlotHold {
    this.#slots.set(peerId, slot);
    this.#changed.next();
    return this.#hold(peerId, slot);
  }

  #drop(peerId: PeerId, slot: Slot): void {
    if (this.#slots.get(peerId) !== slot) return;
    this.#slots.delete(peerId);
    this.#changed.next();
  }
}
