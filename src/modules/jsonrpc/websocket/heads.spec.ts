import { afterEach, describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { eventually } from '../../../../test/support/eventually.js';
import { blockOf, Chains, ecdsa, headerOf } from '../../../../test/support/recorded-chain.js';
import { toHex } from '../../../common/bytes.js';
import { SilentLogger } from '../../../common/logger.port.js';
import type { Chain, ChainEvent } from '../../blockchain/index.js';
import { Heads } from './heads.js';

const forms = { chainId: 4101, isPolybft: false, hashWithType: () => true };

describe(Heads.name, () => {
  const chains = new Chains();
  afterEach(() => chains.closeAll());

  async function started() {
    const chain = await chains.open();
    const stop = new AbortController();
    const heads = new Heads({ chain, forms, log: new SilentLogger(), signal: stop.signal });
    heads.start();
    const grow = (from: number, to: number) => chain.insert(ecdsa.slice(from, to + 1), { source: 'sync' });
    return { chain, heads, grow, stop };
  }

  const listener = (into: string[]) => (head: string) =>
    into.push((JSON.parse(head) as { number: string }).number);

  it('tells each who listens of each block, in rising order, from then on', async () => {
    const { heads, grow } = await started();
    await grow(1, 2);
    const one: string[] = [];
    const two: string[] = [];
    const end = heads.listen(listener(one));
    heads.listen(listener(two));
    await grow(3, 5);
    await eventually(() => two.length === 3);
    end();
    await grow(6, 6);
    await eventually(() => two.length === 4);
    expect({ one, two }).toEqual({ one: ['0x3', '0x4', '0x5'], two: ['0x3', '0x4', '0x5', '0x6'] });
  });

  it('tells of the header alone', async () => {
    const { heads, grow } = await started();
    const told: string[] = [];
    heads.listen((head) => told.push(head));
    await grow(1, 1);
    await eventually(() => told.length === 1);
    const head = JSON.parse(told[0] ?? '') as Record<string, unknown>;
    expect(head).toMatchObject({ number: '0x1', hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
    for (const field of ['transactions', 'uncles', 'size']) expect(head).not.toHaveProperty(field);
  });

  it('tells nothing of a block that was replaced before it was told of', async () => {
    const events = new Subject<Partial<ChainEvent>>();
    const hashes = [0, 1, 2].map((number) => new Uint8Array(32).fill(number));
    const chain = {
      events$: events,
      header: async (number: number) => headerOf(blockOf(ecdsa, number)),
      hashByNumber: async (number: number) => hashes[number],
    } as unknown as Chain;
    const heads = new Heads({ chain, forms, log: new SilentLogger(), signal: new AbortController().signal });
    heads.start();
    const told: string[] = [];
    heads.listen((head) => told.push((JSON.parse(head) as { hash: string }).hash));
    const added = hashes.map((hash, number) => ({ number, hash })).slice(1);
    const replacement = new Uint8Array(32).fill(0xee);
    events.next({ type: 'head:changed', added });
    hashes[2] = replacement;
    events.next({ type: 'head:changed', added: [{ number: 2, hash: replacement }] });
    await eventually(() => told.at(-1) === toHex(replacement));
    expect(told).toEqual([`0x${'01'.repeat(32)}`, toHex(replacement)]);
  });

  it('is silent after the end', async () => {
    const { heads, grow, stop } = await started();
    const told: string[] = [];
    heads.listen(listener(told));
    stop.abort();
    await grow(1, 2);
    expect(told).toEqual([]);
  });
});
