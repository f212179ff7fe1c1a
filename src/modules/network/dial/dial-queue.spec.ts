import { describe, expect, it } from '@jest/globals';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { DialPriority, DialQueue } from './dial-queue.js';

const { REQUESTED, KEPT } = DialPriority;
const at = (peerId: string, port = 1): PeerAddress => ({
  peerId: peerId as PeerId,
  transport: `/ip4/127.0.0.1/tcp/${port}`,
});

function drain(queue: DialQueue): string[] {
  const order: string[] = [];
  for (let task = queue.take(() => true); task !== undefined; task = queue.take(() => true)) {
    order.push(`${task.address.peerId}:${task.address.transport.split('/').at(-1)}:${task.priority}`);
  }
  return order;
}

describe(DialQueue.name, () => {
  it('goes by priority, then by arrival', () => {
    const queue = new DialQueue(10);
    queue.add(at('a'), KEPT);
    queue.add(at('b'), REQUESTED);
    queue.add(at('c'), KEPT);
    queue.add(at('d'), REQUESTED);
    expect(queue.size).toBe(4);
    expect(queue.list().map(({ address }) => address.peerId)).toEqual(['b', 'd', 'a', 'c']);
    expect(drain(queue)).toEqual(['b:1:1', 'd:1:1', 'a:1:10', 'c:1:10']);
    expect(queue.size).toBe(0);
  });

  it.each([
    {
      name: 'a lower number replaces, address included',
      first: KEPT,
      next: REQUESTED,
      outcome: 'added',
      left: ['a:2:1'],
    },
    { name: 'an equal number does not', first: KEPT, next: KEPT, outcome: 'held', left: ['a:1:10'] },
    {
      name: 'an equal best number does not',
      first: REQUESTED,
      next: REQUESTED,
      outcome: 'held',
      left: ['a:1:1'],
    },
    { name: 'a higher number does not', first: REQUESTED, next: KEPT, outcome: 'held', left: ['a:1:1'] },
  ])('holds one entry per peer: $name', ({ first, next, outcome, left }) => {
    const queue = new DialQueue(10);
    queue.add(at('a', 1), first);
    expect(queue.add(at('a', 2), next)).toBe(outcome);
    expect(drain(queue)).toEqual(left);
  });

  it('is bounded, and gives requested dials room', () => {
    const queue = new DialQueue(2);
    expect(queue.add(at('a'), KEPT)).toBe('added');
    expect(queue.add(at('b'), KEPT)).toBe('added');
    expect(queue.add(at('c'), KEPT)).toBe('full');
    expect(queue.add(at('d'), REQUESTED)).toBe('added');
    expect(queue.add(at('a', 2), REQUESTED)).toBe('added');
    expect(queue.add(at('e'), REQUESTED)).toBe('full');
    expect(drain(queue)).toEqual(['d:1:1', 'a:2:1']);
  });

  it('lets one go past those that may not go yet, which keep their places', () => {
    const queue = new DialQueue(10);
    for (const name of ['a', 'b', 'c']) queue.add(at(name), KEPT);
    queue.add(at('d'), REQUESTED);
    expect(queue.take(({ peerId }) => peerId === 'b')?.address).toEqual(at('b'));
    expect(queue.take(() => false)).toBeUndefined();
    expect(drain(queue)).toEqual(['d:1:1', 'a:1:10', 'c:1:10']);
  });

  it('forgets a peer of either priority, and knows who waits', () => {
    const queue = new DialQueue(10);
    queue.add(at('a'), KEPT);
    queue.add(at('b'), REQUESTED);
    for (const name of ['a', 'b'] as PeerId[]) {
      expect(queue.has(name)).toBe(true);
      expect(queue.remove(name)).toBe(true);
      expect(queue.has(name)).toBe(false);
      expect(queue.remove(name)).toBe(false);
    }
    expect(drain(queue)).toEqual([]);
  });
});
