import { afterEach, describe, expect, it } from '@jest/globals';
import { aSigned } from '../../../test/support/signed-transactions.js';
import { TxPoolUnderTest, type TxPoolUnderTestOptions } from '../../../test/support/txpool-under-test.js';
import { encodeTxn } from './gossip/txn.codec.js';
import { TxPoolService } from './txpool.service.js';

let world: TxPoolUnderTest | undefined;

afterEach(async () => {
  await world?.stop();
  world = undefined;
});

const setUp = async (options: TxPoolUnderTestOptions = {}) => {
  world = await TxPoolUnderTest.start(options);
  return world;
};

describe(TxPoolService.name, () => {
  it('keeps a transaction, tells of it and hands it to the peers', async () => {
    const { sut, network } = await setUp();
    const { raw, hash, sender } = aSigned({ nonce: 3n });
    const taken = await sut.add(raw, 'operator');
    expect(taken).toMatchObject({ hash, sender, nonce: 3n, raw, source: 'operator' });
    expect([sut.size(), sut.get(hash)]).toEqual([1, taken]);
    expect(network.published).toEqual([{ topic: 'txpool/0.1', data: encodeTxn(raw) }]);
    expect(world?.told()).toEqual([`added ${hash}`]);
  });

  it.each([
    { name: 'twice the same', options: {}, expect: 'TXPOOL.ALREADY_KNOWN' },
    { name: 'the same nonce for no more', options: { value: 2n }, expect: 'TXPOOL.REPLACEMENT_UNDERPRICED' },
    { name: 'more of a sender than may be', options: { nonce: 1n }, expect: 'TXPOOL.SENDER_FULL' },
    { name: 'more than the pool has room for', options: { seed: 'other' }, expect: 'TXPOOL.FULL' },
    { name: 'a price below the limit', options: { gasPrice: 4n }, expect: 'TXPOOL.UNDERPRICED' },
    { name: 'another chain', options: { chainId: 1 }, expect: 'TXPOOL.OTHER_CHAIN' },
  ])('refuses $name, and tells nobody', async ({ options, expect: code }) => {
    const { sut, network, events } = await setUp({ config: { maxSlots: 1, maxPerSender: 1, priceLimit: 5 } });
    await sut.add(aSigned().raw, 'rpc');
    await expect(sut.add(aSigned(options).raw, 'rpc')).rejects.toMatchObject({ code });
    expect([sut.size(), network.published.length, events.length]).toEqual([1, 1, 1]);
  });

  it('takes it only from the sender that was named, in any case', async () => {
    const { sut } = await setUp();
    const { raw, sender } = aSigned();
    const other = `0x${'00'.repeat(20)}`;
    await expect(sut.add(raw, 'operator', other)).rejects.toMatchObject({ code: 'TXPOOL.WRONG_SENDER' });
    expect(sut.size()).toBe(0);
    await sut.add(raw, 'operator', sender.toUpperCase().replace('0X', '0x'));
    expect(sut.size()).toBe(1);
  });

  it('refuses all while there is no block', async () => {
    const { sut, chain } = await setUp();
    chain.head = () => undefined;
    await expect(sut.add(aSigned().raw, 'rpc')).rejects.toMatchObject({ code: 'TXPOOL.NO_HEAD' });
  });
});
