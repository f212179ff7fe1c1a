import { afterEach, describe, expect, it } from '@jest/globals';
import {
  blockOf,
  Chains,
  changed,
  ecdsa,
  headerOf,
  KeptStore,
  polybft,
  polybftText,
} from '../../../../test/support/recorded-chain.js';
import { decodeBlock, encodeBlock } from '../codec/block.codec.js';
import type { ChainHead } from '../ports/types.js';
import { Anchor } from './anchor.js';

const SYNC = { source: 'sync' } as const;
const genesis = blockOf(polybft, 0);
const { parentHash: genesisHash } = headerOf(blockOf(polybft, 1));
/** Agrees with the file, which does not say the root. */
const forged = changed(0, { stateRoot: new Uint8Array(32).fill(7) }, polybft);
const chains = new Chains();
afterEach(() => chains.closeAll());

describe('a chain that waits for its genesis', () => {
  it('says so, and takes the first block 0 that agrees with the file', async () => {
    const store = new KeptStore();
    const chain = await chains.open(polybftText, { store });
    const heads: ChainHead[] = [];
    chain.head$.subscribe((head) => heads.push(head));
    expect(chain.info()).toMatchObject({ genesisTrust: 'missing', genesisHash: undefined });
    expect(chain.head()).toBeUndefined();
    await expect(chain.insert([], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISSING' });
    await expect(chain.insert(polybft.slice(1, 3), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.GENESIS_MISSING',
    });
    expect(heads).toEqual([]);

    const { inserted, head } = await chain.insert(polybft.slice(0, 20), SYNC);
    expect(inserted).toHaveLength(20);
    expect(head.number).toBe(19);
    expect(heads).toEqual([head]);
    expect(chain.info()).toMatchObject({ genesisTrust: 'peer', genesisHash: inserted[0]?.hash });

    const again = await chains.open(polybftText, { store });
    expect(again.info()).toEqual(chain.info());
  });

  it('stores it with block 1, which the quorum sealed, and not before', async () => {
    const store = new KeptStore();
    const chain = await chains.open(polybftText, { store });
    const events: number[][] = [];
    chain.events$.subscribe(({ added }) => events.push(added.map(({ number }) => number)));
    const alone = await chain.insert([genesis], SYNC);
    expect(alone).toMatchObject({ inserted: [], head: { number: 0, hash: genesisHash } });
    expect(chain.head()).toBeUndefined();
    expect(chain.nextHeight()).toBe(0);
    expect(chain.info()).toMatchObject({ genesisTrust: 'missing', genesisHash: undefined });
    expect(await store.head()).toBeUndefined();

    const { inserted } = await chain.insert(polybft.slice(1, 4), SYNC);
    expect(inserted.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    expect(events).toEqual([[0], [1], [2], [3]]);
    expect(chain.info()).toMatchObject({ genesisTrust: 'peer', genesisHash });
    expect((await store.head())?.number).toBe(3);
    expect((await chain.validatorsAt(1))?.length).toBeGreaterThan(0);
  });

  it('drops a forged one when block 1 does not follow it, and takes the right one then', async () => {
    const chain = await chains.open(polybftText);
    await chain.insert([forged], SYNC);
    await expect(chain.insert(polybft.slice(1, 3), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.UNKNOWN_PARENT',
      detail: { number: 1 },
    });
    await expect(chain.insert(polybft.slice(1, 3), SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.GENESIS_MISSING',
    });
    await expect(chain.insert([forged, ...polybft.slice(1, 3)], SYNC)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.UNKNOWN_PARENT',
    });
    expect(chain.head()).toBeUndefined();
    expect((await chain.insert(polybft.slice(0, 3), SYNC)).head.number).toBe(2);
    expect(chain.info().genesisHash).toEqual(genesisHash);
  });

  it.each([
    { name: 'a forged one', waiting: forged },
    { name: 'the same', waiting: genesis },
  ])('takes the block 0 of the next peer in place of $name that waits', async ({ waiting }) => {
    const chain = await chains.open(polybftText);
    await chain.insert([waiting], SYNC);
    expect((await chain.insert(polybft.slice(0, 3), SYNC)).inserted).toHaveLength(3);
    expect(chain.info().genesisHash).toEqual(genesisHash);
  });

  it('keeps it waiting where block 1 cannot be stored', async () => {
    const chain = await chains.open(polybftText);
    await chain.insert([genesis], SYNC);
    const signal = AbortSignal.abort();
    await expect(chain.insert(polybft.slice(1, 3), { ...SYNC, signal })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.CANCELLED',
    });
    expect((await chain.insert(polybft.slice(1, 3), SYNC)).inserted).toHaveLength(3);
  });

  it('cancels what continues a batch that fails at block 1', async () => {
    const chain = await chains.open(polybftText);
    const inserts = [
      chain.insert([forged, ...polybft.slice(1, 3)], SYNC),
      chain.insert(polybft.slice(3, 5), SYNC),
      chain.insert(polybft.slice(0, 3), SYNC),
      chain.insert(polybft.slice(3, 5), SYNC),
    ];
    const outcomes = await Promise.allSettled(inserts);
    expect(
      outcomes.map((each) => (each.status === 'fulfilled' ? each.value.head.number : each.reason.code)),
    ).toEqual(['BLOCKCHAIN.UNKNOWN_PARENT', 'BLOCKCHAIN.CANCELLED', 2, 4]);
  });

  it('stores it at once where the checkpoint vouches for it', async () => {
    const anchor = new Anchor({ number: 50, hash: new Uint8Array(32), genesisHash });
    const chain = await chains.open(polybftText, { anchor });
    await expect(chain.insert([forged], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.ANCHOR_MISMATCH' });
    expect((await chain.insert([genesis], SYNC)).inserted).toEqual([{ number: 0, hash: genesisHash }]);
    expect(chain.head()).toMatchObject({ number: 0, hash: genesisHash });
    expect(chain.info()).toMatchObject({ genesisTrust: 'peer', genesisHash });
    expect(chain.nextHeight()).toBe(1);
  });

  it('goes on with the block and the state that the checkpoint says', async () => {
    const whole = await chains.open(polybftText);
    await whole.insert(polybft.slice(0, 40), SYNC);
    const [state, hash] = [await whole.stateAfter(25), await whole.hashByNumber(25)];
    if (state === undefined || hash === undefined) throw new Error('not stored');
    const anchor = new Anchor({ number: 25, hash, state, genesisHash });
    const chain = await chains.open(polybftText, { anchor });
    await chain.insert(polybft.slice(0, 1), SYNC);
    expect((await chain.insert(polybft.slice(25, 40), SYNC)).head.number).toBe(39);
    expect(await chain.stateAfter(39)).toEqual(await whole.stateAfter(39));
  });

  it.each<{ name: string; bytes: Uint8Array }>([
    { name: 'of another gas limit', bytes: changed(0, { gasLimit: 1n }, polybft) },
    { name: 'of another extra', bytes: changed(0, { extraData: new Uint8Array(40) }, polybft) },
    {
      name: 'with a transaction',
      bytes: encodeBlock({
        header: headerOf(blockOf(polybft, 0)),
        transactions: decodeBlock(blockOf(ecdsa, 25)).transactions,
      }),
    },
  ])('refuses a block 0 $name', async ({ bytes }) => {
    const chain = await chains.open(polybftText);
    await expect(chain.insert([bytes], SYNC)).rejects.toMatchObject({ code: 'BLOCKCHAIN.GENESIS_MISMATCH' });
    expect(chain.head()).toBeUndefined();
  });
});
