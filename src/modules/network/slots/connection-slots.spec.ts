import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Direction, PeerId } from '../ports/types.js';
import { ConnectionSlots, type SlotStage } from './connection-slots.js';

const [ann, bob, eve] = ['ann', 'bob', 'eve'] as PeerId[] as [PeerId, PeerId, PeerId];

describe(ConnectionSlots.name, () => {
  it('admits up to the limit of each direction', () => {
    const slots = new ConnectionSlots({ inbound: 1, outbound: 1 });
    expect(slots.beginConnection(ann, 'inbound')).toBe(true);
    expect(slots.beginConnection(bob, 'inbound')).toBe(false);
    expect(slots.beginConnection(bob, 'outbound')).toBe(true);
    expect(slots.beginDial(eve)).toBe(false);
    expect(slots.counts('inbound')).toEqual({ active: 0, pending: 1 });
  });

  it('counts a dial, its handshake and its peer as one slot', () => {
    const slots = new ConnectionSlots({ inbound: 1, outbound: 1 });
    slots.beginDial(ann);
    expect(slots.counts('outbound')).toEqual({ active: 0, pending: 1 });
    expect(slots.beginConnection(ann, 'outbound')).toBe(true);
    slots.endDial(ann);
    expect(slots.counts('outbound')).toEqual({ active: 0, pending: 1 });
    slots.activate(ann);
    expect(slots.counts('outbound')).toEqual({ active: 1, pending: 0 });
    slots.release(ann);
    expect(slots.hasFree('outbound')).toBe(true);
  });

  it('frees the slot of a dial that came to nothing', () => {
    const slots = new ConnectionSlots({ inbound: 1, outbound: 1 });
    slots.beginDial(ann);
    slots.endDial(ann);
    expect(slots.beginDial(bob)).toBe(true);
  });

  it('moves a dialed peer that came in itself to an inbound slot', () => {
    const slots = new ConnectionSlots({ inbound: 1, outbound: 1 });
    slots.beginDial(ann);
    expect(slots.beginConnection(ann, 'inbound')).toBe(true);
    slots.endDial(ann);
    expect(slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
    expect(slots.counts('inbound')).toEqual({ active: 0, pending: 1 });
  });

  it('lets it keep the slot of the dial when no inbound slot is free', () => {
    const slots = new ConnectionSlots({ inbound: 0, outbound: 1 });
    slots.beginDial(ann);
    expect(slots.beginConnection(ann, 'inbound')).toBe(true);
    slots.endDial(ann);
    expect(slots.counts('outbound')).toEqual({ active: 0, pending: 1 });
  });

  it('gives a peer no second slot', () => {
    const slots = new ConnectionSlots({ inbound: 5, outbound: 5 });
    slots.beginConnection(ann, 'inbound');
    slots.activate(ann);
    expect(slots.beginDial(ann)).toBe(false);
    expect(slots.beginConnection(ann, 'outbound')).toBe(true);
    expect(slots.counts('inbound')).toEqual({ active: 1, pending: 0 });
    expect(slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
  });

  it('tells of changes, and only of changes', () => {
    const slots = new ConnectionSlots({ inbound: 1, outbound: 1 });
    let changes = 0;
    slots.changed$.subscribe(() => changes++);
    slots.activate(ann);
    slots.release(ann);
    slots.endDial(ann);
    expect(changes).toBe(0);
    slots.beginDial(ann);
    slots.beginDial(bob);
    slots.release(ann);
    expect(changes).toBe(2);
  });

  it('agrees with a recount and keeps its limits whatever happens', () => {
    const limits = { inbound: 2, outbound: 3 };
    const peers = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as PeerId[];
    const step = fc.record({
      peerId: fc.constantFrom(...peers),
      act: fc.constantFrom('dial', 'endDial', 'inbound', 'outbound', 'activate', 'release'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const slots = new ConnectionSlots(limits);
        const model = new Map<PeerId, { direction: Direction; stage: SlotStage }>();
        const taken = (direction: Direction) =>
          [...model.values()].filter((slot) => slot.direction === direction);
        for (const { peerId, act } of steps) {
          const held = model.get(peerId);
          if (act === 'dial') {
            const admitted = slots.beginDial(peerId);
            expect(admitted).toBe(held === undefined && taken('outbound').length < limits.outbound);
            if (admitted) model.set(peerId, { direction: 'outbound', stage: 'dialing' });
          } else if (act === 'endDial') {
            slots.endDial(peerId);
            if (held?.stage === 'dialing') model.delete(peerId);
          } else if (act === 'activate') {
            slots.activate(peerId);
            if (held !== undefined) model.set(peerId, { ...held, stage: 'active' });
          } else if (act === 'release') {
            slots.release(peerId);
            model.delete(peerId);
          } else {
            const isNew = held === undefined || held.stage === 'dialing';
            const free = taken(act).length < limits[act];
            expect(slots.beginConnection(peerId, act)).toBe(held !== undefined || free);
            if (isNew && free) model.set(peerId, { direction: act, stage: 'pending' });
            else if (isNew && held !== undefined) model.set(peerId, { ...held, stage: 'pending' });
          }
          for (const direction of ['inbound', 'outbound'] as const) {
            const active = taken(direction).filter(({ stage }) => stage === 'active').length;
            const pending = taken(direction).length - active;
            expect(slots.counts(direction)).toEqual({ active, pending });
            expect(active + pending).toBeLessThanOrEqual(limits[direction]);
            expect(slots.hasFree(direction)).toBe(active + pending < limits[direction]);
          }
        }
        for (const peerId of peers) slots.release(peerId);
        expect(slots.counts('inbound')).toEqual({ active: 0, pending: 0 });
        expect(slots.counts('outbound')).toEqual({ active: 0, pending: 0 });
      }),
    );
  });
});
