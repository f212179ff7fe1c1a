export { type ArchiveMetadata, archiveMetadata } from './archive/archive-metadata.js';
export { type Archive, type ReadArchiveOptions, readArchive } from './archive/read-archive.js';
export { type Restored, type RestoreOptions, restoreArchive } from './archive/restore-archive.js';
export { BLOCKCHAIN_CONFIG, type BlockchainConfig, blockchainConfigSchema } from './blockchain.config.js';
export { BlockchainError, type BlockchainErrorDetail } from './blockchain.errors.js';
export { BlockchainModule, type BlockchainModuleOptions } from './blockchain.module.js';
export {
  decodeBlock,
  encodeBlock,
  genesisBlock,
  rawHeaderOf,
} from './codec/block.codec.js';
export { decodeHeader, encodeHeader } from './codec/header.codec.js';
export {
  type DynamicFeeTransaction,
  decodeTransaction,
  type LegacyTransaction,
  type StateTransaction,
  type Transaction,
  type TransactionRules,
  TransactionType,
  transactionHash,
} from './codec/transaction.codec.js';
export { recoverSender } from './codec/transaction-sender.js';
export { createConsensus } from './consensus/create-consensus.js';
export { decodeIbftExtra, type IbftExtra, type IbftValidator } from './consensus/ibft/extra.js';
export { recoverProposer } from './consensus/ibft/seals.js';
export { addressOf, recoverAddress, toChecksumAddress } from './crypto/address.js';
export { blsPublicKey, generateBlsSecret } from './crypto/bls12-381.js';
export { keccak256 } from './crypto/keccak.js';
export { isValidPrivateKey, publicKeyOf, secp256k1Backend, signRecoverable } from './crypto/secp256k1.js';
export { type ChainConfig, type EngineConfig, type Forks, ibftForkAt } from './genesis/chain-config.js';
export { type GenesisHeader, genesisHeader, matchesGenesis } from './genesis/genesis-header.js';
export { type IbftGenesisOptions, ibftGenesisFile } from './genesis/ibft-genesis-file.js';
export { parseGenesis } from './genesis/parse-genesis.js';
export { BLOCK_STORE, type BlockStore } from './ports/block-store.port.js';
export {
  CHAIN,
  CHAIN_WRITER,
  type Chain,
  type ChainInfo,
  type ChainWriter,
  type GenesisTrust,
  type InsertResult,
} from './ports/chain.port.js';
export { CONSENSUS, type Consensus } from './ports/consensus.port.js';
export type {
  Block,
  BlockRef,
  BlockSource,
  ChainEvent,
  ChainHead,
  Header,
  RawTransaction,
  VerifiedBlock,
} from './ports/types.js';
export { SEALER_SETUP, SealerService, type SealerSetup } from './sealer/sealer.service.js';
