export { InMemoryBlockStore } from './adapters/memory/in-memory-block-store.adapter.js';
export { type ArchiveDraft, openDraft } from './archive/archive-draft.js';
export { type ArchiveMetadata, archiveMetadata } from './archive/archive-metadata.js';
export { ArchiveWriter } from './archive/archive-writer.js';
export type { WrongMetadata } from './archive/check-end.js';
export { type Checkpoint, readCheckpoint, writeCheckpoint } from './archive/checkpoint-file.js';
export type { ArchiveHeader } from './archive/chunk-layout.js';
export { type OpenArchive, openArchive } from './archive/open-archive.js';
export type { Archive, ReadArchiveOptions } from './archive/read-archive.js';
export { type Restored, type RestoreOptions, restoreArchive } from './archive/restore-archive.js';
export { isSameBlock } from './archive/same-block.js';
export { splitBlocks } from './archive/split-blocks.js';
export type { BlockchainConfig } from './blockchain.config.js';
export { BlockchainError, type BlockchainErrorDetail } from './blockchain.errors.js';
export { BlockchainModule, type BlockchainModuleOptions } from './blockchain.module.js';
export { genesisHash } from './chain/genesis-hash.js';
export { type StoreExtent, storeExtent } from './chain/store-extent.js';
export {
  type VerifyFault,
  type VerifyOptions,
  type VerifyReport,
  verifyArchive,
  verifyStore,
} from './chain/verify-report.js';
export { decodeBlock, encodeBlock, rawHeaderOf } from './codec/block.codec.js';
export { readVote, type Vote } from './codec/read-vote.js';
export {
  type DynamicFeeTransaction,
  decodeTransaction,
  type EncodedTransaction,
  type LegacyTransaction,
  type StateTransaction,
  type Transaction,
  type TransactionRules,
  TransactionType,
  transactionHash,
} from './codec/transaction.codec.js';
export { readEnvelope } from './codec/transaction-envelope.js';
export { recoverSender } from './codec/transaction-sender.js';
export { createConsensus } from './consensus/create-consensus.js';
export type { IbftExtra, IbftValidator } from './consensus/ibft/extra.js';
export { type SealKey, sealKey } from './consensus/ibft/write-seals.js';
export { nextBaseFee } from './consensus/polybft/base-fee.js';
export { withoutOwnSeal } from './consensus/polybft/header-hash.js';
export { addressOf, toChecksumAddress } from './crypto/address.js';
export { blsPublicKey, generateBlsSecret } from './crypto/bls12-381.js';
export { keccak256 } from './crypto/keccak.js';
export { isValidPrivateKey, publicKeyOf } from './crypto/secp256k1.js';
export type { ChainConfig, EngineConfig, Forks } from './genesis/chain-config.js';
export { MIN_BLOCK_TIME_MS } from './genesis/engine.schema.js';
export type { GenesisHeader } from './genesis/genesis-header.js';
export { type NewIbftFork, withIbftFork } from './genesis/ibft-fork-list.js';
export { type BurnOptions, type IbftGenesisOptions, ibftGenesisFile } from './genesis/ibft-genesis-file.js';
export { parseGenesis } from './genesis/parse-genesis.js';
export {
  type BlockStore,
  type OpenBlockStore,
  type PruneResult,
  type RangeLimits,
  REMOVED_HEIGHTS,
  type RemovedBlock,
  type StateRecord,
  type StoreHead,
  type StoreSetup,
} from './ports/block-store.port.js';
export {
  CHAIN,
  CHAIN_WRITER,
  type Chain,
  type ChainAlarm,
  type ChainAnchor,
  type ChainAnomaly,
  type ChainInfo,
  type ChainWriter,
  type GenesisTrust,
  type InsertResult,
} from './ports/chain.port.js';
export {
  CHAIN_EXPLORER,
  type ChainExplorer,
  type FoundBlock,
  type KnownSet,
  type SetSource,
  type TransactionFacts,
} from './ports/chain-explorer.port.js';
export type { BlockSeals, Consensus, Validator } from './ports/consensus.port.js';
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
export {
  type CandidateVote,
  type CastVote,
  type ValidatorSnapshot,
  VOTING,
  type Voting,
} from './ports/voting.port.js';
export { proveStored } from './proofs/prove-stored.js';
export { encodeValidator } from './voting/encode-validator.js';
