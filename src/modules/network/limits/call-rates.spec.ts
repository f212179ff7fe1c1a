import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { networkConfigSchema } from '../network.config.js';
import { NetworkError } from '../network.errors.js';
import type { PeerId } from '../ports/types.js';
import { CallRates } from './call-rates.js';

const [ALICE, BOB] = ['alice', 'bob'] as [PeerId, PeerId];
const STATUS = '/v1.SyncPeer/GetStatus';
const BLOCKS = '/v1.SyncPeer/GetBlocks';
const SYNC = '/syncer/0.2';

function make(limits = { callsPerSecond: 10, callBurst: 3 }) {
  const clock = new ManualClock();
  const refused: string[] = [];
  const onRefused = (peerId: PeerId, error: NetworkError) => refused.push(`${peerId} ${error.code}`);
  const rates = new CallRates({ clock, limits, onRefused });
  const turn = (peerId = ALICE, path = STATUS) => {
    try {
      return rates.takeTurn(peerId, path);
    } catch (error) {
      return (error as NetworkError).detail;
    }
  };
  return { clock, rates, refused, turn };
}

describe(CallRates.name, () => {
  it('lets a burst run at once, the next ones in turn, and refuses what would wait for more than a second', () => {
    const { turn } = make();
    const turns = Array.from({ length: 14 }, () => turn());
    expect(turns.slice(0, 3)).toEqual([0, 0, 0]);
    expect(turns.slice(3, 13)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000]);
    expect(turns[13]).toEqual({ code: 'NETWORK.RATE_LIMITED', peerId: ALICE, path: STATUS });
  });

  it('counts each peer and each method alone', () => {
    const { turn } = make({ callsPerSecond: 0.1, callBurst: 1 });
    expect([turn(), turn(ALICE, BLOCKS), turn(BOB)]).toEqual([0, 0, 0]);
    expect(turn()).toMatchObject({ code: 'NETWORK.RATE_LIMITED' });
  });

  it('never refuses a peer that waits for each answer, however long it goes on', () => {
    const { clock, turn } = make();
    const waits = Array.from({ length: 5_000 }, () => {
      const waitMs = turn(ALICE, BLOCKS) as number;
      clock.advance(waitMs);
      return waitMs;
    });
    expect(Math.max(...waits)).toBeLessThanOrEqual(100.001);
  });

  it('never delays a Go node that follows block by block, with its defaults', () => {
    const { clock, turn } = make(networkConfigSchema.parse({}).limits);
    const waits = Array.from({ length: 1_000 }, () => {
      clock.advance(10);
      return [turn(ALICE, BLOCKS), turn()];
    });
    expect(new Set(waits.flat())).toEqual(new Set([0]));
  });

  it('tells of a few refusals of a peer, then of two a second', () => {
    const { clock, refused, turn } = make();
    for (let n = 0; n < 1_000; n += 1) turn();
    expect(refused).toEqual(Array(10).fill(`${ALICE} NETWORK.RATE_LIMITED`));
    clock.advance(1_000);
    for (let n = 0; n < 1_000; n += 1) turn();
    expect(refused).toHaveLength(12);
  });

  it('refuses streams at twice the rate of calls, on that protocol only', () => {
    const { rates, refused } = make();
    const granted = Array.from({ length: 8 }, () => rates.takeStream(ALICE, SYNC));
    expect(granted).toEqual([true, true, true, true, true, true, false, false]);
    expect(refused).toHaveLength(2);
    expect(rates.takeStream(ALICE, '/id/0.1')).toBe(true);
    expect(rates.takeStream(BOB, SYNC)).toBe(true);
  });

  it('counts the frames of all sessions of a peer together, over reconnects', () => {
    const { clock, rates, refused } = make();
    for (let session = 0; session < 50; session += 1) rates.takeFrames(ALICE, 1_000);
    expect(() => rates.takeFrames(ALICE, 1)).toThrow(
      expect.objectContaining({ code: 'NETWORK.RATE_LIMITED' }),
    );
    expect(refused).toEqual([`${ALICE} NETWORK.RATE_LIMITED`]);
    expect(() => rates.takeFrames(BOB, 1)).not.toThrow();
    clock.advance(1_000);
    expect(() => rates.takeFrames(ALICE, 20_000)).not.toThrow();
  });
});
