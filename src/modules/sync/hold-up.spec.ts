import { describe, expect, it } from '@jest/globals';
import { peerId } from '../../../test/support/fake-network.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { HoldUp } from './hold-up.js';
import { BookedLease } from './lease.js';
import { Round } from './round.js';

const aLease = (from: number) =>
  new BookedLease(new Round({ peerId: peerId('a'), from, claimed: 99 }), { from, to: from + 9 });

function setUp() {
  const clock = new ManualClock();
  const told: [number, number][] = [];
  const holdUp = new HoldUp({
    clock,
    limitMs: 1_000,
    onHeldUp: ({ from }, waitedMs) => told.push([from, waitedMs]),
  });
  return { clock, told, holdUp };
}

describe(HoldUp.name, () => {
  it('adds up the waits for one lease', () => {
    const { clock, told, holdUp } = setUp();
    const lease = aLease(1);
    holdUp.waitFor(lease);
    clock.advance(600);
    holdUp.waitFor(undefined);
    clock.advance(5_000);
    holdUp.waitFor(lease);
    holdUp.waitFor(lease);
    clock.advance(399);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual([[1, 1_000]]);
    holdUp.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('says so again while it lasts', () => {
    const { clock, told, holdUp } = setUp();
    holdUp.waitFor(aLease(1));
    clock.advance(3_500);
    expect(told.map(([, waitedMs]) => waitedMs)).toEqual([1_000, 2_000, 3_000]);
    holdUp.stop();
  });

  it('begins anew with another lease', () => {
    const { clock, told, holdUp } = setUp();
    holdUp.waitFor(aLease(1));
    clock.advance(900);
    holdUp.waitFor(aLease(11));
    clock.advance(999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual([[11, 1_000]]);
    holdUp.stop();
  });
});
