import { describe, expect, it } from '@jest/globals';
import type { PeerId } from '../ports/types.js';
import { ConnectionSlots, type SlotHold, type SlotLimits } from './connection-slots.js';

const [ann, bob, eve] = ['ann', 'bob', 'eve'] as PeerId[] as [PeerId, PeerId, PeerId];
const NONE = { active: 0, pending: 0 };

function slotsFor(limits: Partial<SlotLimits>, pinned = new Set<PeerId>()): ConnectionSlots {
  return new ConnectionSlots(
    { inbound: 0, outbound: 0, reserved: 0, courtesy: 0, ...limits },
    { isPinned: (peerId) => pinned.has(peerId) },
  );
}

/** The hold of a peer that gets a slot for sure. */
function admit(slots: ConnectionSlots, peerId: PeerId): SlotHold {
  const hold = slots.beginConnection(peerId, 'inbound');
  if (hold === undefined) throw new Error('no slot');
  return hold;
}

describe(ConnectionSlots.name, () => {
  it('admits up to the limit of each direction', () => {
    const slots = slotsFor({ inbound: 1, outbound: 1 });
    expect(slots.beginConnection(ann, 'inbound')).toMatchObject({ direction: 'inbound', stage: 'pending' });
    expect(slots.beginConnection(bob, 'inbound')).toBeUndefined();
    expect(slots.beginConnection(bob, 'outbound')).toMatchObject({ direction: 'outbound' });
    expect(slots.beginDial(eve)).toBe(false);
    expect(slots.counts('inbound')).toEqual({ active: 0, pending: 1 });
  });

  it('counts a dial, its handshake and its peer as one slot', () => {
    const slots = slotsFor({ inbound: 1, outbound: 1 });
    slots.beginDial(ann);
    expect(slots.counts('outbound')).toEqual({ active: 0, pending: 1 });
    const hold = slots.beginConnection(ann, 'outbound');
    slots.endDial(ann);
    expect(slots.counts('outbound')).toEqual({ active: 0, pending: 1 });
    hold?.activate();
    expect(slots.counts('outbound')).toEqual({ active: 1, pending: 0 });
    hold?.release();
    expect(slots.hasFree('outbound')).toBe(true);
  });

  it('frees the slot of a dial that came to nothing', () => {
    const slots = slotsFor({ inbound: 1, outbound: 1 });
    slots.beginDial(ann);
    slots.endDial(ann);
    expect(slots.beginDial(bob)).toBe(true);
  });

  it('moves a dialed peer that came in itself to an inbound slot', () => {
    const slots = slotsFor({ inbound: 1, outbound: 1 });
    slots.beginDial(ann);
    expect(slots.beginConnection(ann, 'inbound')).toMatchObject({ direction: 'inbound' });
    slots.endDial(ann);
    expect(slots.counts('outbound')).toEqual(NONE);
    expect(slots.counts('inbound')).toEqual({ active: 0, pending: 1 });
  });

  it('lets it keep the slot of the dial when no inbound slot is free', () => {
    const slots = slotsFor({ outbound: 1 });
    slots.beginDial(ann);
    expect(slots.beginConnection(ann, 'inbound')).toMatchObject({ direction: 'outbound' });
    slots.endDial(ann);
    expect(slots.counts('outbound')).toEqual({ active: 0, pending: 1 });
  });

  it('gives a peer no second slot', () => {
    const slots = slotsFor({ inbound: 5, outbound: 5 });
    admit(slots, ann).activate();
    expect(slots.beginDial(ann)).toBe(false);
    expect(slots.beginConnection(ann, 'outbound')).toMatchObject({ direction: 'inbound', stage: 'active' });
    expect(slots.counts('inbound')).toEqual({ active: 1, pending: 0 });
    expect(slots.counts('outbound')).toEqual(NONE);
  });

  it('tells of changes, and only of changes', () => {
    const slots = slotsFor({ inbound: 2, outbound: 1 });
    let changes = 0;
    slots.changed$.subscribe(() => changes++);
    slots.endDial(ann);
    slots.markUseful(ann, 1);
    slots.takeQuestion(ann);
    slots.takeOver(ann, bob);
    expect(changes).toBe(0);
    const hold = admit(slots, ann);
    hold.activate();
    hold.activate();
    hold.moveTo('inbound');
    slots.beginDial(bob);
    slots.beginDial(eve);
    hold.moveTo('outbound');
    expect(changes).toBe(3);
    hold.release();
    hold.release();
    hold.activate();
    hold.moveTo('outbound');
    expect(changes).toBe(4);
  });

  it('counts a peer where its connections are, if there is room', () => {
    const slots = slotsFor({ inbound: 1, outbound: 1 });
    const hold = admit(slots, ann);
    hold.moveTo('outbound');
    expect(hold.direction).toBe('outbound');
    expect(slots.usage()).toMatchObject({ inbound: NONE, outbound: { active: 0, pending: 1 } });
    const other = admit(slots, bob);
    other.moveTo('outbound');
    expect(other.direction).toBe('inbound');
    expect(slots.counts('outbound')).toEqual({ active: 0, pending: 1 });
  });

  it('remembers what a peer was good for as long as it has its slot', () => {
    const slots = slotsFor({ inbound: 1 });
    const hold = admit(slots, ann);
    expect(slots.lastUsefulAtMs(ann)).toBeUndefined();
    slots.markUseful(ann, 7);
    hold.activate();
    expect(slots.lastUsefulAtMs(ann)).toBe(7);
    hold.release();
    slots.markUseful(ann, 8);
    admit(slots, ann);
    expect(slots.lastUsefulAtMs(ann)).toBeUndefined();
  });

  describe('that are reserved', () => {
    it('go to pinned peers of both directions first, and count in neither', () => {
      const slots = slotsFor({ inbound: 1, outbound: 1, reserved: 2 }, new Set([ann, bob]));
      expect(slots.beginDial(ann)).toBe(true);
      admit(slots, bob).activate();
      expect(slots.usage()).toEqual({ inbound: NONE, outbound: NONE, reserved: 2, courtesy: 0 });
      expect(slots.beginDial(eve)).toBe(true);
    });

    it('are free to pinned peers only', () => {
      const slots = slotsFor({ reserved: 1 }, new Set([ann]));
      expect(slots.hasFree('outbound')).toBe(false);
      expect(slots.hasFree('outbound', bob)).toBe(false);
      expect(slots.hasFree('outbound', ann)).toBe(true);
      expect(slots.beginConnection(bob, 'inbound')).toBeUndefined();
    });

    it('leave ordinary ones to further pinned peers, which move up', () => {
      const slots = slotsFor({ inbound: 1, reserved: 1 }, new Set([ann, bob, eve]));
      const first = admit(slots, ann);
      admit(slots, bob);
      expect(slots.usage()).toMatchObject({ inbound: { active: 0, pending: 1 }, reserved: 1 });
      expect(slots.beginConnection(eve, 'inbound')).toBeUndefined();
      first.release();
      expect(slots.usage()).toMatchObject({ inbound: NONE, reserved: 1 });
    });

    it('follow the pins', () => {
      const pinned = new Set<PeerId>();
      const slots = slotsFor({ inbound: 1, reserved: 1 }, pinned);
      admit(slots, ann);
      pinned.add(ann);
      admit(slots, bob);
      expect(slots.usage()).toMatchObject({ inbound: { pending: 1 }, reserved: 1 });
      pinned.delete(ann);
      expect(slots.usage()).toMatchObject({ inbound: { pending: 2 }, reserved: 0 });
      expect(slots.hasFree('inbound')).toBe(false);
    });
  });

  describe('that are taken over', () => {
    it('change their owner and nothing else', () => {
      const slots = slotsFor({ inbound: 1 });
      const lost = admit(slots, ann);
      lost.activate();
      slots.markUseful(ann, 7);
      expect(slots.takeOver(bob, ann)).toMatchObject({ direction: 'inbound', stage: 'pending' });
      expect(slots.counts('inbound')).toEqual({ active: 0, pending: 1 });
      expect(slots.lastUsefulAtMs(bob)).toBeUndefined();
      expect(slots.stageOf(ann)).toBeUndefined();
    });

    it('are out of reach of the one that had them, also when it comes again', () => {
      const slots = slotsFor({ inbound: 1, outbound: 1 });
      const lost = admit(slots, ann);
      const won = slots.takeOver(bob, ann);
      slots.beginDial(ann);
      lost.activate();
      lost.moveTo('outbound');
      lost.release();
      expect(slots.stageOf(ann)).toBe('dialing');
      won?.release();
      expect(slots.usage()).toMatchObject({ inbound: NONE, outbound: { active: 0, pending: 1 } });
    });

    it('need one that has a slot and one that has none', () => {
      const slots = slotsFor({ inbound: 2 });
      admit(slots, ann);
      admit(slots, bob);
      expect(slots.takeOver(ann, bob)).toBeUndefined();
      expect(slots.takeOver(eve, 'nobody' as PeerId)).toBeUndefined();
    });
  });

  describe('of courtesy', () => {
    it('are counted apart', () => {
      const slots = slotsFor({ inbound: 1, courtesy: 1 }, new Set([ann]));
      const visitor = slots.beginCourtesy(ann);
      expect(visitor).toMatchObject({ stage: 'courtesy' });
      expect(slots.beginCourtesy(bob)).toBeUndefined();
      expect(slots.usage()).toEqual({ inbound: NONE, outbound: NONE, reserved: 0, courtesy: 1 });
      visitor?.activate();
      expect(slots.stageOf(ann)).toBe('courtesy');
      expect(slots.beginDial(ann)).toBe(false);
      visitor?.release();
      expect(slots.beginCourtesy(bob)).toBeDefined();
    });

    it('are not for those that have a slot', () => {
      const slots = slotsFor({ inbound: 1, courtesy: 1 });
      admit(slots, ann);
      expect(slots.beginCourtesy(ann)).toBeUndefined();
    });

    it('are good for one question, ordinary ones for any number', () => {
      const slots = slotsFor({ inbound: 1, courtesy: 1 });
      admit(slots, ann);
      slots.beginCourtesy(bob);
      const questions = [ann, ann, bob, bob, bob, eve].map((peerId) => slots.takeQuestion(peerId));
      expect(questions).toEqual([true, true, true, false, false, true]);
    });
  });
});
