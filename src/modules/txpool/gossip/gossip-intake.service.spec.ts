import { setImmediate as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { devChain } from '../../../../test/support/chain-builder/index.js';
import { peerId } from '../../../../test/support/fake-network.js';
import { aSigned, highS } from '../../../../test/support/signed-transactions.js';
import { TxPoolUnderTest, type TxPoolUnderTestOptions } from '../../../../test/support/txpool-under-test.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import type { PeerId } from '../../network/index.js';
import { createTxPoolMetrics, type TxPoolMetrics } from '../txpool.metrics.js';
import { GossipIntakeService } from './gossip-intake.service.js';
import { encodeTxn } from './txn.codec.js';

const [author, neighbour] = [peerId('author'), peerId('neighbour')];
let world: TxPoolUnderTest | undefined;

afterEach(async () => {
  await world?.stop();
  world = undefined;
});

const setUp = async (options: TxPoolUnderTestOptions = {}) => {
  const outcomes: string[] = [];
  const metrics: TxPoolMetrics = {
    ...createTxPoolMetrics(new NoMetrics()),
    gossiped: (outcome) => outcomes.push(outcome),
  };
  world = await TxPoolUnderTest.start({ metrics, ...options });
  return { ...world, sut: world.sut, outcomes };
};

const txn = (options: Parameters<typeof aSigned>[0] = {}) => encodeTxn(aSigned(options).raw);

describe(GossipIntakeService.name, () => {
  it('takes and relays a good transaction, once', async () => {
    const { sut, network, outcomes } = await setUp();
    const data = txn();
    expect(network.gossip(author, data, neighbour)).toBe('accept');
    expect(network.gossip(author, data, author)).toBe('ignore');
    expect(sut.get(aSigned().hash)).toMatchObject({ source: 'gossip' });
    expect(outcomes).toEqual(['accepted', 'known']);
  });

  it.each([
    { name: 'noise', data: Uint8Array.of(0xff), expect: 'reject' },
    { name: 'nothing', data: new Uint8Array(), expect: 'reject' },
    { name: 'an empty transaction', data: encodeTxn(new Uint8Array()), expect: 'reject' },
    { name: 'too many bytes', data: encodeTxn(new Uint8Array(131_073)), expect: 'reject' },
    { name: 'a cut transaction', data: encodeTxn(aSigned().raw.subarray(0, -1)), expect: 'reject' },
    { name: 'a state transaction', data: encodeTxn(Uint8Array.of(0x7f, 0xc0)), expect: 'reject' },
    { name: 'a bad signature', data: txn({ tamper: highS }), expect: 'reject' },
    { name: 'another chain', data: txn({ chainId: 1 }), expect: 'reject' },
    { name: 'a type of later versions', data: encodeTxn(Uint8Array.of(0x03, 0xc0)), expect: 'ignore' },
    { name: 'a type of later forks', data: txn({ type: 'dynamic' }), expect: 'ignore' },
    { name: 'too little gas', data: txn({ gas: 1n }), expect: 'ignore' },
    { name: 'more gas than a block has', data: txn({ gas: 10_000_000n }), expect: 'ignore' },
    { name: 'a price below the limit', data: txn({ gasPrice: 4n }), expect: 'ignore' },
  ])('does not relay $name: $expect, and again', async ({ data, expect: verdict }) => {
    const { network, sut } = await setUp({ config: { priceLimit: 5 } });
    for (let time = 0; time < 2; time++) {
      expect(network.gossip(author, data, author)).toBe(verdict);
      // Go nodes relay all that is signed by a peer: who only passes it on is not to blame.
      expect(network.gossip(author, data, neighbour)).toBe('ignore');
    }
    expect(sut.size()).toBe(0);
  });

  it('does not look into what it has seen, good or bad', async () => {
    const { network, outcomes } = await setUp({ config: { gossipChecksPerSecond: 2 } });
    const [good, bad] = [txn(), txn({ tamper: highS })];
    for (let time = 0; time < 5; time++) for (const data of [good, bad]) network.gossip(author, data);
    expect(outcomes.slice(0, 2)).toEqual(['accepted', 'invalid']);
    expect(outcomes).not.toContain('unchecked');
  });

  it.each([
    { name: 'there was no room', config: { maxSlots: 5 }, outcome: 'no-room' },
    { name: 'it pays too little', config: { priceLimit: 9_000_000_000 }, outcome: 'refused' },
  ])('looks into what was not taken again after two minutes: $name', async ({ config, outcome }) => {
    const { network, clock, outcomes } = await setUp({ config });
    for (let nonce = 0n; nonce < 5n; nonce++) network.gossip(author, txn({ nonce }));
    const last = txn({ nonce: 4n });
    clock.advance(119_999);
    network.gossip(author, last);
    expect(outcomes.slice(4)).toEqual([outcome, 'known']);
    clock.advance(1);
    network.gossip(author, last);
    expect(outcomes.slice(6)).toEqual([outcome]);
  });

  it('takes again what was given up, however often it came meanwhile', async () => {
    const { network, clock, sut, outcomes } = await setUp();
    network.gossip(author, txn());
    for (let minute = 0; minute < 10; minute++) {
      clock.advance(60_000);
      if (minute < 9) network.gossip(author, txn());
    }
    expect([sut.size(), new Set(outcomes.slice(1))]).toEqual([0, new Set(['known'])]);
    expect(network.gossip(author, txn())).toBe('accept');
    expect(sut.size()).toBe(1);
  });

  it('spends no check on what the pool has or a block had', async () => {
    const { network, clock, chain, outcomes } = await setUp({ config: { gossipChecksPerSecond: 1 } });
    const [waits, mined] = [txn(), aSigned({ nonce: 1n })];
    network.gossip(author, waits);
    await chain.insert([devChain().seal({ transactions: [mined.inBlock] }).raw], { source: 'sync' });
    for (let turn = 0; turn < 10; turn++) await settle();
    clock.advance(120_000);
    for (let time = 0; time < 3; time++)
      for (const data of [waits, encodeTxn(mined.raw)]) network.gossip(author, data);
    expect(new Set(outcomes.slice(1))).toEqual(new Set(['known']));
  });

  it('checks so many a second, and looks into the others when they come again', async () => {
    const { network, clock, outcomes } = await setUp({ config: { gossipChecksPerSecond: 2 } });
    const messages = [0n, 1n, 2n].map((nonce) => txn({ nonce }));
    for (const data of messages) network.gossip(author, data);
    expect(outcomes).toEqual(['accepted', 'accepted', 'unchecked']);
    clock.advance(500);
    for (const data of messages) network.gossip(author, data);
    expect(outcomes.slice(3)).toEqual(['known', 'known', 'accepted']);
    clock.advance(60_000);
    for (const nonce of [3n, 4n, 5n]) network.gossip(author, txn({ nonce }));
    expect(outcomes.slice(6)).toEqual(['accepted', 'accepted', 'unchecked']);
  });

  it('checks all of a quiet neighbour while others send all they may', async () => {
    const { network, clock, outcomes } = await setUp({ config: { gossipChecksPerSecond: 10 } });
    const noise = (from: PeerId, n: number) =>
      network.gossip(author, encodeTxn(Uint8Array.of(0x03, from.length, n >> 8, n & 0xff)), from);
    let heard = 0;
    for (let n = 0; n < 100; n++) {
      for (const name of ['n', 'nn', 'nnn', 'nnnn', 'nnnnn']) noise(peerId(name), n);
      if (n % 10 === 5) {
        noise(neighbour, n);
        if (outcomes.at(-1) !== 'unchecked') heard++;
      }
      clock.advance(100);
    }
    expect(heard).toBe(10);
    expect(outcomes.filter((outcome) => outcome === 'unchecked').length).toBeGreaterThan(300);
  });

  it('leaves room for operators and JSON-RPC', async () => {
    const { network, sut } = await setUp({ config: { maxSlots: 5 } });
    const verdicts = [0n, 1n, 2n, 3n, 4n].map((nonce) => network.gossip(author, txn({ nonce })));
    expect(verdicts).toEqual(['accept', 'accept', 'accept', 'accept', 'accept']);
    expect(sut.size()).toBe(4);
    await sut.add(aSigned({ nonce: 5n }).raw, 'operator');
    expect(sut.size()).toBe(5);
  });

  it('relays what is good, also when there is no room for it', async () => {
    const { network, sut, outcomes } = await setUp({ config: { maxSlots: 5, maxPerSender: 2 } });
    for (const nonce of [0n, 1n, 2n]) expect(network.gossip(author, txn({ nonce }))).toBe('accept');
    for (const seed of ['b', 'c', 'd']) expect(network.gossip(author, txn({ seed }))).toBe('accept');
    expect(outcomes).toEqual(['accepted', 'accepted', 'no-room', 'accepted', 'accepted', 'no-room']);
    expect(network.gossip(author, txn({ seed: 'd' }), neighbour)).toBe('ignore');
    expect(sut.size()).toBe(4);
  });

  it('a flood of cheap transactions keeps out no dearer one', async () => {
    const { network, sut } = await setUp({ config: { maxSlots: 20 } });
    for (const name of ['a', 'b', 'c', 'd'])
      for (let n = 0; n < 6; n++) network.gossip(peerId(name), txn({ seed: `${name}${n}` }));
    expect(sut.size()).toBe(16);
    const dearer = { seed: 'honest', gasPrice: 1_000_000_001n };
    expect(network.gossip(author, txn(dearer), neighbour)).toBe('accept');
    expect([sut.get(aSigned(dearer).hash)?.source, sut.size()]).toEqual(['gossip', 16]);
    expect(world?.told().at(-2)).toBe(`dropped ${aSigned({ seed: 'a0' }).hash} no-room`);
  });

  it('says nothing to what comes at the end', async () => {
    const { network, outcomes } = await setUp();
    await world?.stop();
    expect(network.gossip(author, txn())).toBe('ignore');
    expect(outcomes).toEqual([]);
    world = undefined;
  });
});
