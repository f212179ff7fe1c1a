import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { testPeerId } from '../../../../test/support/peer-ids.js';
import type { NetworkError } from '../network.errors.js';
import type { PeerId } from '../ports/types.js';
import { GossipOffences } from './gossip-offences.js';

describe(GossipOffences.name, () => {
  const [a, b] = [testPeerId(1), testPeerId(2)];
  const setUp = () => {
    const clock = new ManualClock();
    const reports: { peerId: PeerId; error: NetworkError }[] = [];
    const offences = new GossipOffences(clock, (peerId, error) => reports.push({ peerId, error }));
    return { clock, reports, offences };
  };

  it('reports with the neighbour and the reason', () => {
    const { reports, offences } = setUp();
    offences.add(a, 'sends junk');
    expect(reports).toMatchObject([
      { peerId: a, error: { code: 'NETWORK.GOSSIP_ABUSE', detail: { peerId: a, reason: 'sends junk' } } },
    ]);
  });

  it('reports each neighbour 5 times at once and 5 times a second, whatever it does', () => {
    const { clock, reports, offences } = setUp();
    const flood = () => {
      for (let n = 0; n < 1_000; n += 1) offences.add(a, 'x');
    };
    flood();
    expect(reports).toHaveLength(5);
    offences.add(b, 'x');
    expect(reports).toHaveLength(6);
    clock.advance(1_000);
    flood();
    expect(reports).toHaveLength(11);
  });

  it('adds up parts of offences, each neighbour for itself', () => {
    const { reports, offences } = setUp();
    for (let n = 0; n < 3; n += 1) offences.add(a, 'x', 0.25);
    offences.add(b, 'x', 0.5);
    expect(reports).toEqual([]);
    offences.add(a, 'x', 0.25);
    expect(reports).toMatchObject([{ peerId: a }]);
    offences.add(a, 'x', 0.5);
    expect(reports).toHaveLength(1);
  });

  it('remembers parts of 4,096 neighbours', () => {
    const { reports, offences } = setUp();
    offences.add(a, 'x', 0.5);
    for (let n = 0; n < 4_096; n += 1) offences.add(`peer-${n}` as PeerId, 'x', 0.5);
    offences.add(a, 'x', 0.5);
    expect(reports).toEqual([]);
  });
});
