import { describe, expect, it } from '@jest/globals';
import { peerId } from '../../../test/support/fake-network.js';
import { SyncMachine, type SyncState } from './sync-machine.js';

const start = { peerId: peerId('a'), from: 5, claimed: 20 };

/** The shortest way into each state. */
const into: Record<SyncState['name'], (machine: SyncMachine) => void> = {
  idle: () => {},
  choosing: (machine) => machine.choose(),
  fetching: (machine) => {
    machine.choose();
    machine.fetch(start);
  },
  inserting: (machine) => {
    machine.choose();
    machine.fetch(start);
    machine.insert(3);
  },
  stopped: (machine) => machine.stop(),
};

const transitions: Record<
  string,
  { act: (machine: SyncMachine) => void; from: SyncState['name'][]; to: SyncState['name'] }
> = {
  choose: { act: (machine) => machine.choose(), from: ['idle'], to: 'choosing' },
  rest: { act: (machine) => machine.rest(), from: ['choosing'], to: 'idle' },
  fetch: { act: (machine) => machine.fetch(start), from: ['choosing'], to: 'fetching' },
  insert: { act: (machine) => machine.insert(3), from: ['fetching'], to: 'inserting' },
  inserted: { act: (machine) => machine.inserted(7), from: ['inserting'], to: 'fetching' },
  finish: { act: (machine) => machine.finish(), from: ['fetching', 'inserting'], to: 'idle' },
  stop: {
    act: (machine) => machine.stop(),
    from: ['idle', 'choosing', 'fetching', 'inserting', 'stopped'],
    to: 'stopped',
  },
};

const states = Object.keys(into) as SyncState['name'][];
const cases = Object.entries(transitions).flatMap(([name, transition]) =>
  states.map((state) => ({ name, state, ...transition })),
);

describe(SyncMachine.name, () => {
  it.each(cases)('$name while $state', ({ state, act, from, to }) => {
    const machine = new SyncMachine();
    into[state](machine);
    if (from.includes(state)) {
      act(machine);
      expect(machine.state.name).toBe(to);
    } else {
      expect(() => act(machine)).toThrow(expect.objectContaining({ code: 'SYNC.WRONG_STATE' }));
      expect(machine.state.name).toBe(state);
    }
  });

  it('counts what was stored', () => {
    const machine = new SyncMachine();
    into.inserting(machine);
    expect(machine.round).toEqual({ ...start, reached: 4 });
    expect(machine.inserted(7)).toEqual({ ...start, reached: 7 });
    machine.insert(2);
    machine.inserted(9);
    expect(machine.finish()).toEqual({ ...start, reached: 9 });
    expect(machine.round).toBeUndefined();
  });

  it('counts what the peer gave, also when the head went further by other means', () => {
    const machine = new SyncMachine();
    into.inserting(machine);
    expect(machine.inserted(50).reached).toBe(7);
  });

  it('refuses blocks that did not bring the head as far as they should', () => {
    const machine = new SyncMachine();
    into.inserting(machine);
    expect(() => machine.inserted(6)).toThrow(
      expect.objectContaining({
        detail: { code: 'SYNC.OUT_OF_ORDER', peerId: 'a', expected: 7, reached: 6 },
      }),
    );
    expect(machine.finish().reached).toBe(4);
  });
});
