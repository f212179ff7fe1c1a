import { type Observable, Subject } from 'rxjs';
import type { Direction, PeerId } from '../ports/types.js';

/** dialing = on the way out, pending = connected and not yet (or never to be) a peer, active = a peer. */
export type SlotStage = 'dialing' | 'pending' | 'active';

interface Slot {
  readonly direction: Direction;
  readonly stage: SlotStage;
}

export interface SlotCounts {
  readonly active: number;
  readonly pending: number;
}

export type SlotLimits = Readonly<Record<Direction, number>>;

/**
 * Admission by direction. A slot belongs to a peer from the dial or the first connection to the last one's end,
 * and counts are taken from the slots themselves, so none can leak.
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

  constructor(private readonly limits: SlotLimits) {}

  hasFree(direction: Direction): boolean {
    const { active, pending } = this.counts(direction);
    return active + pending < this.limits[direction];
  }

  /** Slots taken; dials count as pending. */
  counts(direction: Direction): SlotCounts {
    let active = 0;
    let pending = 0;
    for (const slot of this.#slots.values()) {
      if (slot.direction !== direction) continue;
      if (slot.stage === 'active') active++;
      else pending++;
    }
    return { active, pending };
  }

  stageOf(peerId: PeerId): SlotStage | undefined {
    return this.#slots.get(peerId)?.stage;
  }

  /** Takes an outbound slot for a dial; false when none is free or the peer has a slot already. */
  beginDial(peerId: PeerId): boolean {
    if (this.#slots.has(peerId) || !this.hasFree('outbound')) return false;
    this.#set(peerId, { direction: 'outbound', stage: 'dialing' });
    return true;
  }

  /** Ends a dial; a slot that a connection has taken over stays. */
  endDial(peerId: PeerId): void {
    if (this.stageOf(peerId) === 'dialing') this.release(peerId);
  }

  /**
   * Takes a slot for a connection, or takes over the peer's dial: when a peer that is being dialed comes in itself,
   * it gets an inbound slot if there is one and keeps the dial's if not.
   *
   * @returns false when there is no slot.
   */
  beginConnection(peerId: PeerId, direction: Direction): boolean {
    const held = this.#slots.get(peerId);
    if (held !== undefined && held.stage !== 'dialing') return true;
    if (this.hasFree(direction)) this.#set(peerId, { direction, stage: 'pending' });
    else if (held !== undefined) this.#set(peerId, { ...held, stage: 'pending' });
    else return false;
    return true;
  }

  /** The peer's handshake is done. */
  activate(peerId: PeerId): void {
    const held = this.#slots.get(peerId);
    if (held !== undefined) this.#set(peerId, { ...held, stage: 'active' });
  }

  release(peerId: PeerId): void {
    if (this.#slots.delete(peerId)) this.#changed.next();
  }

  #set(peerId: PeerId, slot: Slot): void {
    this.#slots.set(peerId, slot);
    this.#changed.next();
  }
}
