import { describe, expect, it } from '@jest/globals';
import { peerId } from '../../../test/support/fake-network.js';
import { Round, type RoundState } from './round.js';
import { SyncError } from './sync.errors.js';

const start = { peerId: peerId('a'), from: 5, claimed: 20 };
const cancelled = () => new SyncError({ code: 'SYNC.CANCELLED' });

/** The shortest way into each state; in `draining` a block waits. */
const into: Record<RoundState, (round: Round) => void> = {
  streaming: (round) => round.took(),
  draining: (round) => {
    round.took();
    round.closed();
  },
  ended: (round) => round.closed(),
};

const transitions: Record<string, { act: (round: Round) => void; from: RoundState[]; to?: RoundState }> = {
  took: { act: (round) => round.took(), from: ['streaming'] },
  stored: { act: (round) => round.stored(1, 5), from: ['streaming', 'draining'] },
  dropped: { act: (round) => round.dropped(1), from: ['streaming', 'draining'] },
  closed: { act: (round) => round.closed(), from: ['streaming'] },
  cancel: { act: (round) => round.cancel(), from: ['streaming', 'draining', 'ended'] },
};

const cases = Object.entries(transitions).flatMap(([name, transition]) =>
  (Object.keys(into) as RoundState[]).map((state) => ({ name, state, ...transition })),
);

describe(Round.name, () => {
  it.each(cases)('$name while $state', ({ state, act, from }) => {
    const round = new Round(start);
    into[state](round);
    expect(round.state).toBe(state);
    if (from.includes(state)) act(round);
    else expect(() => act(round)).toThrow(expect.objectContaining({ code: 'SYNC.WRONG_STATE' }));
  });

  it('ends when its stream is over and each block is stored or dropped, once', () => {
    const ends: number[] = [];
    const round = new Round(start, ({ reached }) => ends.push(reached));
    for (let i = 0; i < 4; i++) round.took();
    round.stored(2, 6);
    round.closed();
    expect([round.state, ends]).toEqual(['draining', []]);
    round.stored(1, 7);
    round.dropped(1);
    expect([round.state, ends]).toEqual(['ended', [7]]);
  });

  it('settles no more than came', () => {
    const round = new Round(start);
    round.took();
    expect(() => round.stored(2, 6)).toThrow(expect.objectContaining({ code: 'SYNC.WRONG_STATE' }));
  });

  it('keeps what it was cancelled for first', () => {
    const round = new Round(start);
    const error = cancelled();
    round.cancel(error);
    round.cancel(cancelled());
    round.closed(cancelled());
    expect(round.error).toBe(error);
    expect(round.signal.aborted).toBe(true);
  });

  it('knows its pace once enough has come', () => {
    const round = new Round(start);
    for (let i = 0; i < 31; i++) round.took();
    expect(round.pace).toBeUndefined();
    round.took();
    round.waited(64);
    expect(round.pace).toBe(0.5);
  });
});
