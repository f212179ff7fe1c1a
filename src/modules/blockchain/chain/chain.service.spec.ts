import { afterEach, describe, expect, it } from '@jest/globals';
import {
  blockOf,
  Chains,
  ecdsa,
  ecdsaText,
  KeptStore,
  OPENED_AT_MS,
} from '../../../../test/support/recorded-chain.js';

const SYNC = { source: 'sync' } as const;
const chains = new Chains();
afterEach(() => chains.closeAll());

describe('head$ and events$', () => {
  it('tell of each block once, in order, when it is stored and head() has moved', async () => {
    const chain = await chains.open();
    const seen: unknown[] = [];
    chain.events$.subscribe(({ type, added, removed, source, atMs }) => {
      seen.push({
        type,
        added: added.map(({ number }) => number),
        removed,
        source,
        atMs,
        head: chain.head()?.number,
      });
    });
    await chain.insert(ecdsa.slice(1, 4), { source: 'restore' });
    const event = { type: 'head:changed', removed: [], source: 'restore', atMs: OPENED_AT_MS, head: 3 };
    expect(seen).toEqual([1, 2, 3].map((number) => ({ ...event, added: [number] })));
  });

  it('replay the head alone, and complete when the chain closes', async () => {
    const chain = await chains.open();
    await chain.insert(ecdsa.slice(1, 4), SYNC);
    const heads: number[] = [];
    const events: unknown[] = [];
    let completed = 0;
    const complete = () => completed++;
    chain.head$.subscribe({ next: ({ number }) => heads.push(number), complete });
    chain.events$.subscribe({ next: (event) => events.push(event), complete });
    expect(heads).toEqual([3]);
    expect(events).toEqual([]);
    await chain.insert(ecdsa.slice(4, 7), SYNC);
    expect(heads).toEqual([3, 6]);
    await chain.close();
    expect(completed).toBe(2);
  });
});

describe('closing', () => {
  it('ends the inserts under way, refuses new ones and closes the store once', async () => {
    const store = new KeptStore();
    const chain = await chains.open(ecdsaText, { store });
    const inserts = [chain.insert(ecdsa.slice(1, 40), SYNC), chain.insert([blockOf(ecdsa, 50)], SYNC)];
    const outcomes = Promise.allSettled(inserts);
    await Promise.all([chain.close(), chain.close()]);
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(store.closings).toBe(1);
    expect(chain.head()?.number).toBe(39);
    await expect(chain.insert([blockOf(ecdsa, 40)], SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_CLOSED',
    });
  });
});
