import { describe, expect, it } from '@jest/globals';
import { CLEAN_SCORE, lowered, type PeerScore, SCORE_HALF_LIFE_MS, scoreAt } from './peer-scores.js';

const NOW_MS = 1_700_000_000_000;
const fault = (points: number, atMs = NOW_MS) => ({ atMs, code: 'NETWORK.BAD_MESSAGE', points });
const scored = (score: number): PeerScore => ({ score, scoredAtMs: NOW_MS, reasons: [] });

describe(scoreAt.name, () => {
  it.each([
    { name: 'at once', score: -40, afterMs: 0, left: -40 },
    { name: 'after a half-life', score: -40, afterMs: SCORE_HALF_LIFE_MS, left: -20 },
    { name: 'after three', score: -100, afterMs: 3 * SCORE_HALF_LIFE_MS, left: -12.5 },
    { name: 'by a clock that went back', score: -40, afterMs: -SCORE_HALF_LIFE_MS, left: -40 },
    { name: 'when next to nothing is left', score: -0.04, afterMs: 0, left: 0 },
    { name: 'after a year', score: -100, afterMs: 365 * 24 * 3_600_000, left: 0 },
  ])('$name', ({ score, afterMs, left }) => expect(scoreAt(scored(score), NOW_MS + afterMs)).toBe(left));

  it('of who did nothing is 0', () => expect(scoreAt(CLEAN_SCORE, NOW_MS)).toBe(0));
});

describe(lowered.name, () => {
  it('takes the points off what is left', () => {
    const later = NOW_MS + SCORE_HALF_LIFE_MS;
    expect(lowered(scored(-40), fault(5, later))).toEqual({
      score: -25,
      scoredAtMs: later,
      reasons: [fault(5, later)],
    });
  });

  it('ends at -100', () => expect(lowered(scored(-95), fault(20)).score).toBe(-100));

  it('keeps the last 8 reasons', () => {
    let score = CLEAN_SCORE;
    for (let points = 1; points <= 10; points++) score = lowered(score, fault(points));
    expect(score.reasons.map(({ points }) => points)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
