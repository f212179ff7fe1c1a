import { SilentLogger } from '../../src/common/logger.port.js';
import { NoMetrics } from '../../src/common/metrics.port.js';
import { InMemoryBlockStore } from '../../src/modules/blockchain/adapters/memory/in-memory-block-store.adapter.js';
import { createBlockchainMetrics } from '../../src/modules/blockchain/blockchain.metrics.js';
import { ChainService } from '../../src/modules/blockchain/chain/chain.service.js';
import { decodeBlock, encodeBlock } from '../../src/modules/blockchain/codec/block.codec.js';
import { createConsensus } from '../../src/modules/blockchain/consensus/create-consensus.js';
import { parseGenesis } from '../../src/modules/blockchain/genesis/parse-genesis.js';
import type { BlockStore } from '../../src/modules/blockchain/ports/block-store.port.js';
import type { Consensus } from '../../src/modules/blockchain/ports/consensus.port.js';
import type { Header } from '../../src/modules/blockchain/ports/types.js';
import { readBackup } from './fixtures.js';
import { readGenesisText } from './genesis-texts.js';
import { ManualClock } from './manual-clock.js';

export const ecdsa = readBackup('ibft-ecdsa').blocks;
export const polybft = readBackup('polybft').blocks;
export const ecdsaText = readGenesisText('ibft-ecdsa');
/** A chain whose block 0 only a peer can give. */
export const polybftText = readGenesisText('polybft', { withStateRoot: false });
/** Wall time of the chains opened here, ms. */
export const OPENED_AT_MS = 1_000_000;

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

  /** Blocks may have 100,000 bytes. */
  async open(
    text = ecdsaText,
    store: BlockStore = new InMemoryBlockStore(),
    change: Partial<Consensus> = {},
  ): Promise<ChainService> {
    const config = parseGenesis(text);
    const chain = await ChainService.open({
      store,
      consensus: Object.assign(createConsensus(config), change),
      config,
      maxBlockBytes: 100_000,
      path: 'some/where',
      clock: new ManualClock(OPENED_AT_MS),
      metrics: createBlockchainMetrics(new NoMetrics()),
      log: new SilentLogger(),
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
