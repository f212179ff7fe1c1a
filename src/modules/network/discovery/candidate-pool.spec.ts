import { describe, expect, it } from '@jest/globals';
import { aPeerId } from '../../../../test/support/peer-ids.js';
import { PoolUnderTest } from '../../../../test/support/pool-under-test.js';
import { CandidatePool, POOL_LIMITS } from './candidate-pool.js';

const PUBLIC = '/ip4/9.9.9.9/tcp/1478';
/** An address in a /24 of its own. */
const far = (n: number) => `/ip4/8.${n >> 8}.${n & 0xff}.1/tcp/1478`;
/** Addresses of one /24. */
const near = (n: number) => `/ip4/9.9.9.${n}/tcp/1478`;

describe(CandidatePool.name, () => {
  describe('takes in', () => {
    it.each([
      { name: 'an address', n: 1, transport: PUBLIC, outcome: 'new' },
      { name: 'a name', n: 1, transport: '/dns4/a.example/tcp/1', outcome: 'new' },
      { name: 'a local address', n: 1, transport: '/ip4/192.168.0.1/tcp/1', outcome: 'new' },
      { name: 'not this node', n: 0, transport: PUBLIC, outcome: 'refused' },
      { name: 'nothing without transport', n: 1, transport: '', outcome: 'refused' },
      { name: 'nothing that cannot be dialed', n: 1, transport: '/ip4/9.9.9.9/udp/1', outcome: 'refused' },
      { name: 'nothing denied', n: 1, transport: '/ip4/10.1.2.3/tcp/1', outcome: 'refused' },
    ])('$name', ({ n, transport, outcome }) => {
      const test = new PoolUnderTest({ denied: ['10.0.0.0/8'] });
      expect(test.offer(n, transport)).toBe(outcome);
      expect(test.pool.size).toBe(outcome === 'new' ? 1 : 0);
      expect(test.added).toBe(test.pool.size);
    });

    it('the same address once, whoever tells it, and says so once', () => {
      const test = new PoolUnderTest();
      expect(test.offer(1, PUBLIC, 'a')).toBe('new');
      expect(test.offer(1, PUBLIC, 'a')).toBe('known');
      expect(test.offer(1, PUBLIC, 'b')).toBe('known');
      expect(test.added).toBe(1);
      expect(test.drain()).toHaveLength(1);
    });

    it('several addresses of one peer, so that a wrong one hides nothing', () => {
      const test = new PoolUnderTest();
      for (let n = 1; n <= 10; n++) expect(test.offer(1, far(n), `source ${n}`)).toBe('new');
      expect(test.pool.size).toBe(POOL_LIMITS.perPeer);
    });

    it('one again that was taken', () => {
      const test = new PoolUnderTest();
      test.offer(1, PUBLIC);
      test.drain();
      expect(test.offer(1, PUBLIC)).toBe('new');
    });
  });

  describe('is bounded', () => {
    it('by source', () => {
      const test = new PoolUnderTest();
      for (let n = 1; n <= 300; n++) expect(test.offer(n, far(n), 'loud')).toBe('new');
      expect(test.pool.size).toBe(POOL_LIMITS.perSource);
    });

    it('by /24, by /56 and by name', () => {
      const test = new PoolUnderTest();
      for (let n = 1; n <= 100; n++) {
        test.offer(n, near(n), `source ${n}`);
        test.offer(n, `/ip6/2001:db8:0:${n.toString(16)}::1/tcp/1`, `source ${n}`);
        test.offer(n, `/dns4/${n % 2 === 0 ? 'A.example.' : 'a.example'}/tcp/${n}`, `source ${n}`);
      }
      expect(test.pool.size).toBe(3 * POOL_LIMITS.perNeighbourhood);
    });

    it('in all', () => {
      const test = new PoolUnderTest();
      for (let n = 1; n <= 1_200; n++) test.offer(n, far(n), `source ${n % 100}`);
      expect(test.pool.size).toBe(POOL_LIMITS.all);
    });

    it.each([
      { name: 'does not count local addresses', countsLocal: false, size: 100 },
      { name: 'counts local addresses when told so', countsLocal: true, size: POOL_LIMITS.perNeighbourhood },
    ])('$name', ({ countsLocal, size }) => {
      const test = new PoolUnderTest({ countsLocal });
      for (let n = 1; n <= 100; n++) test.offer(n, `/ip4/127.0.0.1/tcp/${n}`);
      expect(test.pool.size).toBe(size);
    });
  });

  describe('makes room', () => {
    /** Whether peer 1 is in the pool still. */
    const hasVictim = ({ pool }: PoolUnderTest) =>
      pool.take([], ({ peerId }) => peerId === aPeerId(1)) !== undefined;

    it('of a source for that source only', () => {
      const test = new PoolUnderTest();
      test.offer(1, PUBLIC, 'quiet');
      for (let n = 2; n <= 300; n++) test.offer(n, far(n), 'loud');
      expect(hasVictim(test)).toBe(true);
    });

    it('not of one that a quieter source told too', () => {
      const test = new PoolUnderTest();
      test.offer(1, PUBLIC, 'loud');
      test.offer(1, PUBLIC, 'quiet');
      for (let n = 2; n <= 300; n++) test.offer(n, far(n), 'loud');
      expect(hasVictim(test)).toBe(true);
    });

    it('in a /24 of those that the loudest told', () => {
      const test = new PoolUnderTest();
      test.offer(1, near(1), 'quiet');
      for (let n = 2; n <= 250; n++) test.offer(n, near(n), `loud ${n % 4}`);
      expect(hasVictim(test)).toBe(true);
    });

    it('in a full pool of the crowded networks, though each of many sources tells little', () => {
      const test = new PoolUnderTest();
      for (let n = 1; n <= 16; n++) test.offer(n, far(n), 'honest');
      for (let n = 17; n <= 1_500; n++)
        test.offer(n, `/ip4/7.0.${n % 100}.${n % 250}/tcp/${n}`, `sybil ${n}`);
      expect(test.pool.size).toBe(POOL_LIMITS.all);
      expect(hasVictim(test)).toBe(true);
    });

    it('never of one that was reached before', () => {
      const test = new PoolUnderTest();
      test.know(1, near(1));
      test.offer(1, near(1), 'loud');
      for (let n = 2; n <= 250; n++) test.offer(n, near(n), 'loud');
      expect(hasVictim(test)).toBe(true);
    });

    it('for nobody when all were reached before', () => {
      const test = new PoolUnderTest();
      for (let n = 1; n <= POOL_LIMITS.perNeighbourhood; n++) {
        test.know(n, near(n));
        test.offer(n, near(n));
      }
      expect(test.offer(100, near(100))).toBe('refused');
      expect(test.pool.size).toBe(POOL_LIMITS.perNeighbourhood);
    });
  });
});
