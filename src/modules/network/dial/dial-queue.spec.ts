import { describe, expect, it } from '@jest/globals';
import type { PeerAddress, PeerId } from '../ports/types.js';
import { DialPriority, DialQueue } from './dial-queue.js';

const { REQUESTED, DISCOVERED } = DialPriority;
const at = (peerId: string, port = 1): PeerAddress => ({
  peerId: peerId as PeerId,
  transport: `/ip4/127.0.0.1/tcp/${port}`,
});

function drain(queue: DialQueue): string[] {
  const order: string[] = [];
  for (let task = queue.pop(); task !== undefined; task = queue.pop()) {
    order.push(`${task.address.peerId}:${task.address.transport.split('/').at(-1)}:${task.priority}`);
  }
  return order;
}

describe(DialQueue.name, () => {
  it('goes by priority, then by arrival', () => {
    const queue = new DialQueue(10);
    queue.add(at('a'), DISCOVERED);
    queue.add(at('b'), REQUESTED);
    queue.add(at('c'), DISCOVERED);
    queue.add(at('d'), REQUESTED);
    expect(queue.size).toBe(4);
    expect(drain(queue)).toEqual(['b:1:1', 'd:1:1', 'a:1:10', 'c:1:10']);
    expect(queue.size).toBe(0);
  });

  it.each([
    {
      name: 'a lower number replaces, address included',
      first: DISCOVERED,
      next: REQUESTED,
      added: true,
      left: ['a:2:1'],
    },
    { name: 'an equal number does not', first: DISCOVERED, next: DISCOVERED, added: false, left: ['a:1:10'] },
    {
      name: 'an equal best number does not',
      first: REQUESTED,
      next: REQUESTED,
      added: false,
      left: ['a:1:1'],
    },
    { name: 'a higher number does not', first: REQUESTED, next: DISCOVERED, added: false, left: ['a:1:1'] },
  ])('holds one entry per peer: $name', ({ first, next, added, left }) => {
    const queue = new DialQueue(10);
    queue.add(at('a', 1), first);
    expect(queue.add(at('a', 2), next)).toBe(added);
    expect(drain(queue)).toEqual(left);
  });

  it('is bounded, and gives requested dials room', () => {
    const queue = new DialQueue(2);
    expect(queue.add(at('a'), DISCOVERED)).toBe(true);
    expect(queue.add(at('b'), DISCOVERED)).toBe(true);
    expect(queue.add(at('c'), DISCOVERED)).toBe(false);
    expect(queue.add(at('d'), REQUESTED)).toBe(true);
    expect(queue.add(at('a', 2), REQUESTED)).toBe(true);
    expect(queue.add(at('e'), REQUESTED)).toBe(false);
    expect(drain(queue)).toEqual(['d:1:1', 'a:2:1']);
  });
});
