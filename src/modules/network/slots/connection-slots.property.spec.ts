import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Direction, PeerId } from '../ports/types.js';
import { ConnectionSlots, type SlotHold, type SlotStage } from './connection-slots.js';

const NONE = { active: 0, pending: 0 };
const limits = { inbound: 2, outbound: 3, reserved: 1, courtesy: 1 };
const peers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as PeerId[];
/** Two, so that one of them takes an ordinary slot. */
const isPinned = (peerId: PeerId) => peerId === 'a' || peerId === 'b';

const step = fc.record({
  peerId: fc.constantFrom(...peers),
  other: fc.constantFrom(...peers),
  act: fc.constantFrom(
    'dial',
    'endDial',
    'inbound',
    'outbound',
    'activate',
    'toInbound',
    'toOutbound',
    'release',
    'stale',
    'courtesy',
    'takeOver',
  ),
});

/** The same rules, told by a list. */
class Model {
  readonly slots = new Map<PeerId, { direction: Direction; stage: SlotStage }>();

  usage() {
    const usage = { inbound: { ...NONE }, outbound: { ...NONE }, reserved: 0, courtesy: 0 };
    for (const [peerId, { direction, stage }] of this.slots) {
      if (stage === 'courtesy') usage.courtesy++;
      else if (isPinned(peerId) && usage.reserved < limits.reserved) usage.reserved++;
      else usage[direction][stage === 'active' ? 'active' : 'pending']++;
    }
    return usage;
  }

  hasFree(direction: Direction, peerId: PeerId): boolean {
    const usage = this.usage();
    if (isPinned(peerId) && usage.reserved < limits.reserved) return true;
    return usage[direction].active + usage[direction].pending < limits[direction];
  }
}

describe('any order of what may happen to slots', () => {
  it('agrees with a recount, keeps the limits and leaves nothing behind', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const slots = new ConnectionSlots(limits, { isPinned });
        const model = new Model();
        const holds = new Map<PeerId, SlotHold>();
        const stale: SlotHold[] = [];
        const drop = (peerId: PeerId) => {
          const hold = holds.get(peerId);
          holds.delete(peerId);
          if (hold !== undefined) stale.push(hold);
          model.slots.delete(peerId);
        };
        const keep = (peerId: PeerId, hold: SlotHold | undefined, direction: Direction, stage: SlotStage) => {
          if (hold === undefined) throw new Error('a slot was expected');
          holds.set(peerId, hold);
          model.slots.set(peerId, { direction, stage });
        };
        for (const { peerId, other, act } of steps) {
          const held = model.slots.get(peerId);
          if (act === 'dial') {
            const isFree = held === undefined && model.hasFree('outbound', peerId);
            expect(slots.beginDial(peerId)).toBe(isFree);
            if (isFree) model.slots.set(peerId, { direction: 'outbound', stage: 'dialing' });
          } else if (act === 'endDial') {
            slots.endDial(peerId);
            if (held?.stage === 'dialing') drop(peerId);
          } else if (act === 'inbound' || act === 'outbound') {
            if (held !== undefined && held.stage !== 'dialing') continue;
            const isFree = model.hasFree(act, peerId);
            const hold = slots.beginConnection(peerId, act);
            expect(hold !== undefined).toBe(isFree || held !== undefined);
            if (hold !== undefined) keep(peerId, hold, isFree ? act : 'outbound', 'pending');
          } else if (act === 'activate') {
            holds.get(peerId)?.activate();
            if (held?.stage === 'pending') held.stage = 'active';
          } else if (act === 'toInbound' || act === 'toOutbound') {
            const direction = act === 'toInbound' ? 'inbound' : 'outbound';
            holds.get(peerId)?.moveTo(direction);
            if (held && held.stage !== 'dialing' && model.hasFree(direction, peerId))
              held.direction = direction;
          } else if (act === 'release') {
            holds.get(peerId)?.release();
            if (holds.has(peerId)) drop(peerId);
          } else if (act === 'stale') {
            for (const hold of stale) {
              hold.activate();
              hold.moveTo('outbound');
              hold.release();
            }
          } else if (act === 'courtesy') {
            const isFree = held === undefined && model.usage().courtesy < limits.courtesy;
            const hold = slots.beginCourtesy(peerId);
            expect(hold !== undefined).toBe(isFree);
            if (isFree) keep(peerId, hold, 'inbound', 'courtesy');
          } else {
            const victim = model.slots.get(other);
            if (victim === undefined || victim.stage !== 'active' || held !== undefined || isPinned(other))
              continue;
            const hold = slots.takeOver(peerId, other);
            drop(other);
            keep(peerId, hold, victim.direction, 'pending');
          }
          expect(slots.usage()).toEqual(model.usage());
          for (const direction of ['inbound', 'outbound'] as const) {
            const { active, pending } = slots.counts(direction);
            expect(active + pending).toBeLessThanOrEqual(limits[direction]);
          }
          for (const [id, hold] of holds) expect(hold.stage).toBe(model.slots.get(id)?.stage);
        }
        for (const peerId of peers) slots.endDial(peerId);
        for (const hold of [...holds.values(), ...stale]) hold.release();
        expect(slots.usage()).toEqual({ inbound: NONE, outbound: NONE, reserved: 0, courtesy: 0 });
      }),
    );
  });
});
