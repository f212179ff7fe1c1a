/** @see polygon-edge@597a0f3 txpool/txpool.go txSlotSize */
const SLOT_BYTES = 32 * 1_024;

/** What transactions take of the pool. */
export interface Room {
  readonly slots: number;
  readonly bytes: number;
}

/** @see polygon-edge@597a0f3 txpool/slot_gauge.go slotsRequired */
export function roomOf({ raw: { length } }: { readonly raw: { readonly length: number } }): Room {
  return { slots: Math.ceil(length / SLOT_BYTES), bytes: length };
}

export function plus(room: Room, more: Room): Room {
  return { slots: room.slots + more.slots, bytes: room.bytes + more.bytes };
}

export function minus(room: Room, less: Room): Room {
  return { slots: room.slots - less.slots, bytes: room.bytes - less.bytes };
}

export function isWithin(room: Room, limit: Room): boolean {
  return room.slots <= limit.slots && room.bytes <= limit.bytes;
}
