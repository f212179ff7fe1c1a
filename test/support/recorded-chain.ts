import { InMemoryBlockStore } from '../../src/modules/blockchain/adapters/memory/in-memory-block-store.adapter.js';
import type { ChainService, ChainServiceOptions } from '../../src/modules/blockchain/chain/chain.service.js';
import { decodeBlock, encodeBlock } from '../../src/modules/blockchain/codec/block.codec.js';
import { parseGenesis } from '../../src/modules/blockchain/genesis/parse-genesis.js';
import type { Header } from '../../src/modules/blockchain/ports/types.js';
import { readBackup } from './fixtures.js';
import { readGenesisText } from './genesis-texts.js';
import { ManualClock } from './manual-clock.js';
import { openChain } from './open-chain.js';

export const ecdsa = readBackup('ibft-ecdsa').blocks;
export const polybft = readBackup('polybft').blocks;
export const ecdsaText = readGenesisText('ibft-ecdsa');
/** A chain whose block 0 only a peer can give. */
export const polybftText = readGenesisText('polybft', { withStateRoot: false });
/** Wall time of the chains opened here, ms; after every recorded block. */
export const OPENED_AT_MS = 2_000_000_000_000;

/** Stays open over several chains, and counts how often it was closed. */
export class KeptStore extends InMemoryBlockStore {
  closings = 0;

  override async close(): Promise<void> {
    this.closings++;
  }
}

/** Opens chains and closes them after the test. */
export class Chains {
  private readonly opened: ChainService[] = [];

  /** Over the recorded IBFT chain unless told; blocks may have 100,000 bytes. */
  async open(
    text = ecdsaText,
    options: Partial<Omit<ChainServiceOptions, 'config'>> = {},
  ): Promise<ChainService> {
    const chain = await openChain(parseGenesis(text), {
      maxBlockBytes: 100_000,
      path: 'some/where',
      clock: new ManualClock(OPENED_AT_MS),
      ...options,
    });
    this.opened.push(chain);
    return chain;
  }

  async closeAll(): Promise<void> {
    for (const chain of this.opened.splice(0)) await chain.close();
  }
}

export function blockOf(blocks: readonly Uint8Array[], number: number): Uint8Array {
  const raw = blocks[number];
  if (raw === undefined) throw new Error(`block ${number} was not recorded`);
  return raw;
}

export function headerOf(raw: Uint8Array): Header {
  return decodeBlock(raw).header;
}

/** A recorded block, changed and encoded again. */
export function changed(number: number, change: Partial<Header>, blocks = ecdsa): Uint8Array {
  const { header, transactions } = decodeBlock(blockOf(blocks, number));
  return encodeBlock({ header: { ...header, ...change }, transactions });
}
