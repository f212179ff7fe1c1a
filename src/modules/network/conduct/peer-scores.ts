import { MAX_SCORE_REASONS, type PeerRecord, type ScoreReason } from '../ports/peer-store.port.js';

/**
 * Figures of Lodestar, which lives among peers as hostile as ours.
 * @see lodestar packages/beacon-node/src/network/peers/score/constants.ts
 * @remarks Differs: there is no praise, and a score decays during a ban too: at its end at most -12.5 is left of it.
 */
export const SCORE_HALF_LIFE_MS = 10 * 60_000;
/** Below it the peer is disconnected, and not let in again until the score has decayed. */
export const DISCONNECT_BELOW = -20;
/** Below it the peer is banned. */
export const BAN_BELOW = -50;
/** How long such a ban lasts, ms. */
export const BAN_MS = 30 * 60_000;
/** No score is lower, so that none takes forever to decay. */
const LOWEST_SCORE = -100;
/** Nearer to 0 than this it is 0. */
const NEGLIGIBLE = 0.05;

export type PeerScore = Pick<PeerRecord, 'score' | 'scoredAtMs' | 'reasons'>;

export const CLEAN_SCORE: PeerScore = { score: 0, scoredAtMs: 0, reasons: [] };

/** What is left of a score; a clock that went back does not raise what was. */
export function scoreAt({ score, scoredAtMs }: PeerScore, nowMs: number): number {
  const elapsedMs = Math.max(0, nowMs - scoredAtMs);
  const left = score * 0.5 ** (elapsedMs / SCORE_HALF_LIFE_MS);
  return left > -NEGLIGIBLE ? 0 : left;
}

/** The score after a fault, whose points come off what is left. */
export function lowered(before: PeerScore, reason: ScoreReason): PeerScore {
  const score = Math.max(LOWEST_SCORE, scoreAt(before, reason.atMs) - reason.points);
  const reasons = [...before.reasons, reason].slice(-MAX_SCORE_REASONS);
  return { score, scoredAtMs: reason.atMs, reasons };
}
