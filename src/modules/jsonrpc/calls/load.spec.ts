import { describe, expect, it } from '@jest/globals';
import { holderOf, Load } from './load.js';

describe(Load.name, () => {
  it('gives one address a quarter, and those of loopback all there is', () => {
    const load = new Load({ maxRequests: 100, maxBytes: 400 });
    const [one, other, local] = [load.of('a'), load.of('b'), load.of(undefined)];
    const release = one.holding(100);
    expect([one.isFull, load.of('a').isFull, other.isFull, local.isFull]).toEqual([true, true, false, false]);
    const releaseLocal = local.holding(300);
    expect([other.isFull, local.isFull]).toEqual([true, true]);
    release();
    expect([one.isFull, local.isFull]).toEqual([false, false]);
    releaseLocal();
    expect(load.heldBytes).toBe(0);
  });

  it('the same for requests, and one at the least', () => {
    const load = new Load({ maxRequests: 2 });
    const one = load.of('a');
    const done = one.answering();
    expect([one.isFull, load.of('b').isFull]).toEqual([true, false]);
    done();
    expect([one.isFull, load.heldRequests]).toEqual([false, 0]);
  });
});

describe(holderOf.name, () => {
  it.each([
    { address: '127.0.0.1', exempt: undefined, count: '127.0.0.1' },
    { address: '::1', exempt: undefined, count: expect.any(String) },
    { address: '::ffff:10.0.0.1', exempt: '10.0.0.1', count: '10.0.0.1' },
    { address: '2001:db8:1:2:3::4', exempt: '2001:db8:1:2', count: '2001:db8:1:2' },
    { address: undefined, exempt: '', count: '' },
  ])('$address', ({ address, exempt, count }) => {
    expect([holderOf('exempt')(address), holderOf('count')(address)]).toEqual([exempt, count]);
  });
});
