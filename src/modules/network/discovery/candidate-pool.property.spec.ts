import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandom } from '../../../../test/sim/seeded-random.js';
import { aPeerId } from '../../../../test/support/peer-ids.js';
import { PoolUnderTest } from '../../../../test/support/pool-under-test.js';
import type { PeerAddress } from '../ports/types.js';
import { POOL_LIMITS } from './candidate-pool.js';
import { neighbourhoodOf } from './neighbourhood.js';

/** Offers in bursts, so that limits are met within a short run. */
const burst = fc.record({
  act: fc.constantFrom('spread', 'crowd', 'name', 'local', 'repeat', 'take', 'takeSome'),
  source: fc.integer({ min: 0, max: 12 }),
  first: fc.integer({ min: 1, max: 2_000 }),
  count: fc.integer({ min: 1, max: 150 }),
});

const transportOf = {
  spread: (n: number) => `/ip4/8.${n >> 8}.${n & 0xff}.1/tcp/1`,
  crowd: (n: number) => `/ip4/9.9.${n % 3}.${n % 250}/tcp/${1 + n}`,
  name: (n: number) => `/dns4/n${n % 40}.example/tcp/${1 + n}`,
  local: (n: number) => `/ip4/10.0.0.1/tcp/${1 + n}`,
  repeat: (n: number) => `/ip4/9.8.7.6/tcp/${1 + n}`,
};

describe('any sequence of offers and takes', () => {
  it('keeps every limit and the book, and loses and invents nothing', () => {
    const property = fc.property(fc.array(burst, { maxLength: 40 }), fc.integer(), (bursts, seed) => {
      const test = new PoolUnderTest({ random: new SeededRandom(seed) });
      for (let n = 1; n <= 5; n++) test.know(n, transportOf.crowd(n));
      const offered = new Set<string>();
      const tellers = new Map<string, Set<string>>();
      const check = (address: PeerAddress) => {
        expect(offered).toContain(`${address.transport} ${address.peerId}`);
      };
      for (const { act, source, first, count } of bursts) {
        if (act === 'take') {
          const taken = test.takeAll(count);
          for (const address of taken) check(address);
          const crowds = taken.map(({ transport }) => neighbourhoodOf(transport, false));
          for (const crowd of new Set(crowds)) {
            if (crowd === undefined) continue;
            expect(crowds.filter((other) => other === crowd).length).toBeLessThanOrEqual(
              POOL_LIMITS.outboundPerNeighbourhood,
            );
          }
        } else if (act === 'takeSome') {
          const isOdd = ({ transport }: PeerAddress) => transport.endsWith('1');
          expect(test.takeAll(count, isOdd).every(isOdd)).toBe(true);
        } else {
          for (let n = first; n < first + count; n++) {
            const peer = act === 'repeat' ? 7 : n;
            const transport = transportOf[act](n);
            const key = `${transport} ${aPeerId(peer)}`;
            const outcome = test.offer(peer, transport, `source ${source}`);
            if (outcome !== 'refused') offered.add(key);
            tellers.set(key, (tellers.get(key) ?? new Set()).add(`source ${source}`));
          }
        }
        expect(test.pool.size).toBeLessThanOrEqual(POOL_LIMITS.all);
      }
      const size = test.pool.size;
      const left = test.drain();
      expect(left).toHaveLength(size);
      for (const address of left) check(address);
      const most = (keyOf: (address: PeerAddress) => string | undefined) => {
        const counts = new Map<string, number>();
        for (const key of left.map(keyOf)) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
        return Math.max(0, ...counts.values());
      };
      expect(most(({ peerId }) => peerId)).toBeLessThanOrEqual(POOL_LIMITS.perPeer);
      expect(most(({ transport }) => neighbourhoodOf(transport, false))).toBeLessThanOrEqual(
        POOL_LIMITS.perNeighbourhood,
      );
      expect(
        most(({ transport, peerId }) => {
          const [only, ...others] = tellers.get(`${transport} ${peerId}`) ?? [];
          return others.length === 0 ? only : undefined;
        }),
      ).toBeLessThanOrEqual(POOL_LIMITS.perSource);
    });
    fc.assert(property, { seed: 4, numRuns: 15 });
  });
});
