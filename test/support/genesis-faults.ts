import { BlockchainError } from '../../src/modules/blockchain/blockchain.errors.js';
import {
  type ParseGenesisOptions,
  parseGenesis,
} from '../../src/modules/blockchain/genesis/parse-genesis.js';

/** The faults that a genesis.json is refused with; none when it is taken. Any other failure is thrown. */
export function faultsOf(input: string, options?: ParseGenesisOptions): readonly string[] {
  try {
    parseGenesis(input, options);
    return [];
  } catch (error) {
    if (error instanceof BlockchainError && error.detail.code === 'BLOCKCHAIN.GENESIS_INVALID') {
      return error.detail.faults;
    }
    throw error;
  }
}
