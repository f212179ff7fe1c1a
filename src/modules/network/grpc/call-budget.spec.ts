import { describe, expect, it } from '@jest/globals';
import { GrpcStatus } from '../../../common/grpc-status.js';
import type { PeerId } from '../ports/types.js';
import { CallBudget } from './call-budget.js';

const peer = (n: number) => `peer ${n}` as PeerId;
const exhausted = expect.objectContaining({ code: GrpcStatus.RESOURCE_EXHAUSTED });

describe(CallBudget.name, () => {
  it('takes 32 calls of a peer at once, whoever else calls', () => {
    const budget = new CallBudget();
    const releases = Array.from({ length: 32 }, () => budget.admit(peer(1)));
    expect(() => budget.admit(peer(1))).toThrow(exhausted);
    const other = budget.admit(peer(2));
    releases[0]?.();
    const again = budget.admit(peer(1));
    expect(() => budget.admit(peer(1))).toThrow(exhausted);
    for (const release of [...releases.slice(1), again, other]) release();
  });

  it('takes 512 calls in all, and as many again once those are over', () => {
    const budget = new CallBudget();
    for (let round = 0; round < 2; round += 1) {
      const releases = Array.from({ length: 512 }, (_, i) => budget.admit(peer(i % 16)));
      expect(() => budget.admit(peer(99))).toThrow(exhausted);
      for (const release of releases) release();
    }
  });
});
