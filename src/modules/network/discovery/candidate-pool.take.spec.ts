import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../../../test/sim/seeded-random.js';
import { aPeerId } from '../../../../test/support/peer-ids.js';
import { PoolUnderTest } from '../../../../test/support/pool-under-test.js';
import { subnetOf } from '../address/subnet.js';
import { CandidatePool, POOL_LIMITS } from './candidate-pool.js';

const SEEDS = Array.from({ length: 5 }, (_, i) => ({ seed: i + 1 }));
const far = (n: number) => `/ip4/8.${n >> 8}.${n & 0xff}.1/tcp/1478`;

describe(CandidatePool.prototype.take, () => {
  it('gives nothing when there is nothing', () => {
    expect(new PoolUnderTest().pool.take([], () => true)).toBeUndefined();
  });

  it('leaves those that are not wanted', () => {
    const test = new PoolUnderTest();
    test.offer(1, far(1));
    test.offer(2, far(2));
    expect(test.takeAll(9, ({ peerId }) => peerId === aPeerId(2))).toHaveLength(1);
    expect(test.pool.size).toBe(1);
    expect(test.takeAll()).toEqual([{ peerId: aPeerId(1), transport: far(1) }]);
  });

  it.each(SEEDS)('gives those reached before first (chance $seed)', ({ seed }) => {
    const test = new PoolUnderTest({ random: new SeededRandom(seed) });
    for (let n = 1; n <= 40; n++) test.offer(n, far(n), `source ${n % 3}`);
    test.know(7, far(7));
    test.know(9, far(9));
    const [first, second] = test.takeAll();
    expect([first?.transport, second?.transport].sort()).toEqual([far(7), far(9)]);
  });

  it('does not trust a new address for its old name', () => {
    const test = new PoolUnderTest();
    for (let n = 2; n <= 40; n++) test.offer(n, far(n));
    test.know(1, far(1));
    test.know(3, far(3));
    test.offer(1, far(100));
    expect(test.pool.take([], () => true)?.transport).toBe(far(3));
  });

  it.each([
    { name: 'a /24', first: '/ip4/9.9.9.', last: '/tcp/1' },
    { name: 'a /56', first: '/ip6/2001:db8:0:', last: '::1/tcp/1' },
    { name: 'a name', first: '/dns4/a.example/tcp/', last: '' },
  ])('gives two of $name', ({ first, last }) => {
    const test = new PoolUnderTest();
    for (let n = 1; n <= 9; n++) test.offer(n, `${first}${n}${last}`);
    expect(test.takeAll()).toHaveLength(POOL_LIMITS.outboundPerNeighbourhood);
    const occupied = [`${first}77${last}`];
    expect(test.pool.take([...occupied, ...occupied], () => true)).toBeUndefined();
    expect(test.pool.take(occupied, () => true)).toBeDefined();
  });

  it('gives a second one of a network after one of each', () => {
    const test = new PoolUnderTest();
    for (let n = 1; n <= 30; n++) test.offer(n, `/ip4/9.9.${n % 10}.${n}/tcp/1`);
    const networks = test.takeAll().map(({ transport }) => subnetOf(transport));
    expect(networks).toHaveLength(20);
    expect(new Set(networks.slice(0, 10)).size).toBe(10);
  });

  it.each([
    { countsLocal: false, count: 9 },
    { countsLocal: true, count: 2 },
  ])('gives $count of one local network, limits there: $countsLocal', ({ countsLocal, count }) => {
    const test = new PoolUnderTest({ countsLocal });
    for (let n = 1; n <= 9; n++) test.offer(n, `/ip4/10.0.0.${n}/tcp/1`);
    expect(test.takeAll()).toHaveLength(count);
  });

  it('gives each network the same chance, and in it each source', () => {
    let ofCrowd = 0;
    let ofLoud = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const test = new PoolUnderTest({ random: new SeededRandom(seed) });
      test.offer(1, '/ip4/8.8.8.8/tcp/1', 'quiet');
      test.offer(2, '/ip4/9.9.9.9/tcp/1', 'quiet');
      for (let n = 3; n <= 17; n++) test.offer(n, `/ip4/9.9.9.${n}/tcp/1`, 'loud');
      const taken = test.pool.take([], () => true);
      if (taken?.transport.startsWith('/ip4/9.9.9.')) ofCrowd++;
      if (taken !== undefined && taken.peerId !== aPeerId(1) && taken.peerId !== aPeerId(2)) ofLoud++;
    }
    expect(Math.abs(ofCrowd / 200 - 1 / 2)).toBeLessThan(0.1);
    expect(Math.abs(ofLoud / 200 - 1 / 4)).toBeLessThan(0.1);
  });

  it('gives all names that one source tells the chance of one network', () => {
    let named = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const test = new PoolUnderTest({ random: new SeededRandom(seed) });
      test.offer(1, far(1), 'honest');
      for (let n = 2; n <= 20; n++) test.offer(n, `/dns4/n${n}.example/tcp/1`, 'loud');
      if (test.pool.take([], () => true)?.transport !== far(1)) named++;
    }
    expect(Math.abs(named / 200 - 1 / 2)).toBeLessThan(0.1);
  });

  describe('against 200 sybils in four /24s, told by 4 tellers, and 8 honest peers', () => {
    const isSybil = ({ transport }: { transport: string }) => transport.startsWith('/ip4/6.6.');

    /** The sybils are told before and after the honest peers, of which each honest teller knows some. */
    function besieged(seed: number): PoolUnderTest {
      const test = new PoolUnderTest({ random: new SeededRandom(seed) });
      const tellSybils = () => {
        for (let n = 0; n < 200; n++) {
          test.offer(1_000 + n, `/ip4/6.6.${n % 4}.${n + 1}/tcp/1`, `sybil ${n % 4}`);
        }
      };
      tellSybils();
      for (let n = 1; n <= 8; n++) test.offer(n, far(n), `honest ${n % 2}`);
      tellSybils();
      tellSybils();
      return test;
    }

    it.each(SEEDS)(
      'takes at most two of each /24, and honest peers for half of the slots (chance $seed)',
      ({ seed }) => {
        const taken = besieged(seed).takeAll(8);
        expect(taken).toHaveLength(8);
        const networks = taken.map(({ transport }) => subnetOf(transport));
        for (const network of networks) {
          expect(networks.filter((other) => other === network).length).toBeLessThanOrEqual(2);
        }
        expect(taken.filter((address) => !isSybil(address)).length).toBeGreaterThanOrEqual(4);
      },
    );

    it('loses no honest peer', () => {
      const honest = besieged(1)
        .drain()
        .filter((address) => !isSybil(address));
      expect(honest).toHaveLength(8);
    });
  });
});
