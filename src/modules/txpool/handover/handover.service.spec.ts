import { afterEach, describe, expect, it } from '@jest/globals';
import { devChain } from '../../../../test/support/chain-builder/index.js';
import { aSigned } from '../../../../test/support/signed-transactions.js';
import { TxPoolUnderTest } from '../../../../test/support/txpool-under-test.js';
import { NoMetrics } from '../../../common/metrics.port.js';
import { NetworkError } from '../../network/index.js';
import { decodeTxn } from '../gossip/txn.codec.js';
import { createTxPoolMetrics, type TxPoolMetrics } from '../txpool.metrics.js';
import { HandoverService } from './handover.service.js';

const MINUTE = 60_000;
let world: TxPoolUnderTest | undefined;

afterEach(async () => {
  await world?.stop();
  world = undefined;
});

const setUp = async () => {
  const measured = { failures: 0, unpublished: 0 };
  const metrics: TxPoolMetrics = {
    ...createTxPoolMetrics(new NoMetrics()),
    publishFailed: () => {
      measured.failures += 1;
    },
    unpublished: (count) => {
      measured.unpublished = count;
    },
  };
  world = await TxPoolUnderTest.start({ metrics });
  const { sut, network, clock, chain } = world;
  const add = (nonce: bigint) => sut.add(aSigned({ nonce }).raw, 'rpc');
  /** The nonces of what was published, in order; what is published next is counted from now. */
  const published = () =>
    network.published.splice(0).map(({ data }) => {
      const raw = Buffer.from(decodeTxn(data));
      return [...Array(100).keys()].find((nonce) => raw.equals(aSigned({ nonce: BigInt(nonce) }).raw));
    });
  return { sut, network, clock, chain, measured, add, published };
};

const refusing = async (): Promise<number> => {
  throw new NetworkError({ code: 'NETWORK.PUBLISH_FAILED', topic: 'txpool/0.1', reason: 'paused' });
};

describe(HandoverService.name, () => {
  it('hands over once what reaches a peer', async () => {
    const { add, published, clock, measured } = await setUp();
    await add(0n);
    const timers = clock.pendingTimers;
    await clock.advanceAsync(MINUTE);
    expect([published(), measured, timers]).toEqual([[0], { failures: 0, unpublished: 0 }, 1]);
  });

  it('tries again what reached no peer, less and less often, until it reaches one', async () => {
    const { add, published, clock, network, measured } = await setUp();
    network.recipients = 0;
    await add(0n);
    expect([published(), measured]).toEqual([[0], { failures: 1, unpublished: 1 }]);
    await clock.advanceAsync(MINUTE);
    // After 1, 3, 7, 15, and then every 10 seconds.
    expect(published()).toHaveLength(8);
    network.recipients = 1;
    await clock.advanceAsync(MINUTE);
    expect([published(), measured.unpublished]).toEqual([[0], 0]);
  });

  it('hands over all when gossip goes on, soon', async () => {
    const { add, published, clock, network } = await setUp();
    const publish = network.publish.bind(network);
    network.publish = refusing;
    for (const nonce of [0n, 1n, 2n]) await add(nonce);
    await clock.advanceAsync(5 * MINUTE);
    network.publish = publish;
    await clock.advanceAsync(10_000);
    expect(published().toSorted()).toEqual([0, 1, 2]);
  });

  it('lets one that always fails keep up none of the others', async () => {
    const { add, published, clock, network, measured } = await setUp();
    const publish = network.publish.bind(network);
    network.publish = refusing;
    for (const nonce of [0n, 1n, 2n]) await add(nonce);
    const bad = Buffer.from(aSigned({ nonce: 0n }).raw);
    network.publish = (topic, data) => (bad.equals(decodeTxn(data)) ? refusing() : publish(topic, data));
    await clock.advanceAsync(MINUTE);
    expect([published().toSorted(), measured.unpublished]).toEqual([[1, 2], 1]);
  });

  it('tries no more than 64 at a time', async () => {
    const { add, published, clock, network } = await setUp();
    network.recipients = 0;
    for (let nonce = 0n; nonce < 70n; nonce++) await add(nonce);
    published();
    network.recipients = 1;
    await clock.advanceAsync(1_000);
    expect(published()).toHaveLength(64);
    await clock.advanceAsync(1_000);
    expect(published()).toHaveLength(6);
  });

  it('forgets what was mined or given up, and has no timer then', async () => {
    const { add, published, clock, network, chain, measured } = await setUp();
    network.recipients = 0;
    await add(0n);
    await add(1n);
    await chain.insert([devChain().seal({ transactions: [aSigned({ nonce: 0n }).inBlock] }).raw], {
      source: 'sync',
    });
    await clock.advanceAsync(1_000);
    expect(measured.unpublished).toBe(1);
    expect(published().slice(2)).toEqual([1]);
    await clock.advanceAsync(11 * MINUTE);
    expect([measured.unpublished, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('tries nothing after the end', async () => {
    const { add, published, clock, network } = await setUp();
    network.recipients = 0;
    await add(0n);
    await world?.stop();
    world = undefined;
    await clock.advanceAsync(MINUTE);
    expect([published(), clock.pendingTimers]).toEqual([[0], 0]);
  });
});
