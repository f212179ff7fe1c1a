import { afterEach, describe, expect, it } from '@jest/globals';
import { aGenesisText, readGenesisText, withGenesis } from '../../../../test/support/genesis-texts.js';
import {
  blockOf,
  Chains,
  changed,
  ecdsa,
  ecdsaText,
  headerOf,
  KeptStore,
  polybft,
  polybftText,
} from '../../../../test/support/recorded-chain.js';
import { toHex } from '../../../common/bytes.js';
import { decodeBlock, encodeBlock } from '../codec/block.codec.js';
import { createConsensus } from '../consensus/create-consensus.js';
import { parseGenesis } from '../genesis/parse-genesis.js';
import type { ChainHead } from '../ports/types.js';

const SYNC = { source: 'sync' } as const;
const chains = new Chains();
afterEach(() => chains.closeAll());

describe('opening a chain', () => {
  it('writes the genesis block that the file gives', async () => {
    const chain = await chains.open();
    const { header } = decodeBlock(blockOf(ecdsa, 0));
    expect(chain.head()).toMatchObject({ number: 0, timestamp: header.timestamp });
    expect(await chain.header(0)).toEqual(header);
    expect(await chain.header(1)).toBeUndefined();
    expect(toHex((await chain.rawBlock(0)) ?? new Uint8Array())).toBe(toHex(blockOf(ecdsa, 0)));
    expect(chain.info()).toEqual({
      name: parseGenesis(ecdsaText).name,
      chainId: 4101,
      engine: 'ibft',
      verification: createConsensus(parseGenesis(ecdsaText)).verification,
      genesisTrust: 'computed',
      genesisHash: chain.head()?.hash,
    });
  });

  it('trusts a state root that the file gives', async () => {
    const chain = await chains.open(readGenesisText('polybft'));
    expect(chain.info().genesisTrust).toBe('trusted root');
    expect(toHex(chain.info().genesisHash ?? new Uint8Array())).toBe(
      toHex(headerOf(blockOf(polybft, 1)).parentHash),
    );
  });

  it('goes on where it was left', async () => {
    const store = new KeptStore();
    const first = await chains.open(ecdsaText, store);
    await first.insert(ecdsa.slice(1, 6), SYNC);
    const again = await chains.open(ecdsaText, store);
    expect(again.head()).toEqual(first.head());
    await again.insert(ecdsa.slice(6, 8), SYNC);
    expect(again.head()?.number).toBe(7);
  });

  it('refuses the store of another chain, and closes it', async () => {
    const store = new KeptStore();
    await chains.open(ecdsaText, store);
    const other = aGenesisText(withGenesis({ gasLimit: '0x5001' }));
    await expect(chains.open(other, store)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_OTHER_CHAIN',
      detail: { path: 'some/where', theirs: toHex(headerOf(blockOf(ecdsa, 1)).parentHash) },
    });
    expect(store.closings).toBe(1);
  });

  it('refuses the store of another chain where only a peer can give genesis', async () => {
    const store = new KeptStore();
    await chains.open(ecdsaText, store);
    await expect(chains.open(polybftText, store)).rejects.toMatchObject({
      code: 'BLOCKCHAIN.GENESIS_MISMATCH',
    });
  });
});

describe('a chain that waits for its genesis', () => {
  it('says so, and takes the first block 0 that agrees with the file', async () => {
    const store = new KeptStore();
    const chain = await chains.open(polybftText, store);
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

    const again = await chains.open(polybftText, store);
    expect(again.info()).toEqual(chain.info());
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
