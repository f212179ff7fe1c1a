import type { PeerId } from '../ports/types.js';

/** A peer must be here this long, and be of use, before no newcomer but a pinned one can displace it. */
export const ESTABLISHED_AFTER_MS = 600_000;
/** How long a useful deed counts. */
export const USEFUL_WITHIN_MS = 600_000;
/** Peers of one subnet from which on the youngest of them may have to go. */
export const CROWD = 3;
/** A handshake that takes longer, when others wait, is over; it needs a few round trips. ms */
export const SLOW_HANDSHAKE_MS = 1_000;
/** Points by which a newcomer's score must be the better one. */
export const CLEARLY_BETTER = 10;
/** A newcomer below this displaces nobody; what decay leaves of an old fault does not count. */
export const BLEMISHED_BELOW = -1;

/** What is known of a peer that wants in. */
export interface Newcomer {
  readonly isPinned: boolean;
  /** A dial of ours led to it at some time. */
  readonly isKnownGood: boolean;
  /** 0 or below. */
  readonly score: number;
  /** undefined when its address has none; then it neither crowds nor is rare. */
  readonly subnet: string | undefined;
}

/** One that has an inbound slot. */
export interface SlotHolder extends Newcomer {
  readonly peerId: PeerId;
  /** Its handshake is done. */
  readonly isActive: boolean;
  /** Since its first connection, ms. */
  readonly ageMs: number;
  /** Since it was of use, ms; undefined: never. */
  readonly uselessMs: number | undefined;
}

export interface Eviction {
  readonly peerId: PeerId;
  readonly reason:
    | 'pinned newcomer'
    | 'slow handshake'
    | 'known newcomer'
    | 'better score'
    | 'crowded subnet';
}

/** What a holder is worth, least first. Pinned holders are not weighed at all. */
const Standing = { PENDING: 0, UNKNOWN: 1, PROVEN: 2, ESTABLISHED: 3 } as const;

/**
 * Whose inbound slot a newcomer gets when all are taken.
 *
 * - Nobody displaces a pinned peer, and a pinned newcomer displaces the least valuable of the others, whatever that is worth.
 * - Other newcomers displace nobody that is established (long here and of use, or long here and known good): that is what
 *   no flood of strangers can undo. Nor do they displace peers of a higher standing than their own.
 * - A handshake that hangs gives way first, the oldest of them: connections that only wait must not keep others out.
 * - Of the rest goes, least valuable first, one that is unknown to us while the newcomer is known good, one with a clearly
 *   worse score, or, for a newcomer whose subnet is not here yet, the youngest of the most crowded subnet.
 *
 * @returns undefined when the newcomer is not clearly worth more than anybody. The same input gives the same answer in any order.
 */
export function chooseEviction(newcomer: Newcomer, holders: readonly SlotHolder[]): Eviction | undefined {
  const crowd = new Map<string, number>();
  for (const { subnet } of holders) {
    if (subnet !== undefined) crowd.set(subnet, crowdOf(crowd, subnet) + 1);
  }
  const [least] = holders
    .flatMap((holder) => {
      const reason = reasonToGo(holder, newcomer, crowd);
      return reason === undefined ? [] : [{ holder, reason }];
    })
    .sort((a, b) => compareValue(a.holder, b.holder, crowd));
  return least && { peerId: least.holder.peerId, reason: least.reason };
}

function reasonToGo(
  holder: SlotHolder,
  newcomer: Newcomer,
  crowd: ReadonlyMap<string, number>,
): Eviction['reason'] | undefined {
  if (holder.isPinned) return undefined;
  if (newcomer.isPinned) return 'pinned newcomer';
  if (newcomer.score < BLEMISHED_BELOW) return undefined;
  const standing = standingOf(holder);
  const newcomerStanding = newcomer.isKnownGood ? Standing.PROVEN : Standing.UNKNOWN;
  if (standing === Standing.PENDING) return holder.ageMs >= SLOW_HANDSHAKE_MS ? 'slow handshake' : undefined;
  if (standing > newcomerStanding) return undefined;
  if (newcomer.score - holder.score >= CLEARLY_BETTER) return 'better score';
  const isRare = newcomer.subnet !== undefined && !crowd.has(newcomer.subnet);
  if (isRare && crowdOf(crowd, holder.subnet) >= CROWD) return 'crowded subnet';
  return standing < newcomerStanding ? 'known newcomer' : undefined;
}

function standingOf({ isActive, isKnownGood, ageMs, uselessMs }: SlotHolder): number {
  if (!isActive) return Standing.PENDING;
  if (!isKnownGood && (uselessMs === undefined || uselessMs > USEFUL_WITHIN_MS)) return Standing.UNKNOWN;
  return ageMs >= ESTABLISHED_AFTER_MS ? Standing.ESTABLISHED : Standing.PROVEN;
}

/** Below 0 when `a` is worth less than `b`. */
function compareValue(a: SlotHolder, b: SlotHolder, crowd: ReadonlyMap<string, number>): number {
  const isFaulty = ({ score }: SlotHolder) => Number(score <= -CLEARLY_BETTER);
  return (
    standingOf(a) - standingOf(b) ||
    isFaulty(b) - isFaulty(a) ||
    crowdOf(crowd, b.subnet) - crowdOf(crowd, a.subnet) ||
    (standingOf(a) === Standing.PENDING ? b.ageMs - a.ageMs : a.ageMs - b.ageMs) ||
    (a.peerId < b.peerId ? -1 : 1)
  );
}

function crowdOf(crowd: ReadonlyMap<string, number>, subnet: string | undefined): number {
  return subnet === undefined ? 0 : (crowd.get(subnet) ?? 0);
}
