import { afterEach, describe, expect, it } from '@jest/globals';
import { aGenesisText, readGenesisText, withGenesis } from '../../../../test/support/genesis-texts.js';
import {
  blockOf,
  Chains,
  ecdsa,
  ecdsaText,
  headerOf,
  KeptStore,
  polybft,
  polybftText,
} from '../../../../test/support/recorded-chain.js';
import { toHex } from '../../../common/bytes.js';
import { InMemoryBlockStore } from '../adapters/memory/in-memory-block-store.adapter.js';
import { decodeBlock } from '../codec/block.codec.js';
import { createConsensus } from '../consensus/create-consensus.js';
import { parseGenesis } from '../genesis/parse-genesis.js';

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
      anchor: { kind: 'genesis', number: 0, hash: chain.head()?.hash },
      tail: 0,
      isStrict: false,
      trustedSets: 0,
      anomalies: { count: 0, last: undefined },
      conflicts: 0,
      degraded: undefined,
    });
    expect(chain.nextHeight()).toBe(1);
  });

  it('gives on why it cannot, even where the store cannot be closed either', async () => {
    class StuckStore extends InMemoryBlockStore {
      override close(): Promise<void> {
        return Promise.reject(new Error('stuck'));
      }
    }
    const prepare = () => Promise.reject(new TypeError('a bug'));
    const consensus = Object.assign(createConsensus(parseGenesis(ecdsaText)), { prepare });
    await expect(chains.open(ecdsaText, { store: new StuckStore(), consensus })).rejects.toBeInstanceOf(
      TypeError,
    );
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
    const first = await chains.open(ecdsaText, { store });
    await first.insert(ecdsa.slice(1, 6), SYNC);
    const again = await chains.open(ecdsaText, { store });
    expect(again.head()).toEqual(first.head());
    await again.insert(ecdsa.slice(6, 8), SYNC);
    expect(again.head()?.number).toBe(7);
  });

  it('refuses the store of another chain, and closes it', async () => {
    const store = new KeptStore();
    await chains.open(ecdsaText, { store });
    const other = aGenesisText(withGenesis({ gasLimit: '0x5001' }));
    await expect(chains.open(other, { store })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.STORE_OTHER_CHAIN',
      detail: { path: 'some/where', theirs: toHex(headerOf(blockOf(ecdsa, 1)).parentHash) },
    });
    expect(store.closings).toBe(1);
  });

  it('refuses the store of another chain where only a peer can give genesis', async () => {
    const store = new KeptStore();
    await chains.open(ecdsaText, { store });
    await expect(chains.open(polybftText, { store })).rejects.toMatchObject({
      code: 'BLOCKCHAIN.GENESIS_MISMATCH',
    });
  });
});
