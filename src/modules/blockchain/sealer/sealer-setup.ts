import type { BlockchainConfig } from '../blockchain.config.js';
import type { SealKey } from '../consensus/ibft/write-seals.js';
import type { ChainConfig } from '../genesis/chain-config.js';

export const SEALER_SETUP = Symbol('SEALER_SETUP');

export interface SealerSetup {
  readonly config: Pick<BlockchainConfig, 'seal'>;
  readonly chain: ChainConfig;
  /** The keys in this process. Without as many as a block needs nothing is sealed. */
  readonly validators: readonly SealKey[];
}
