/** The package: a node for other people's Nest applications, or made by hand. */
import './polyfill.js';

export { AppError, type ErrorDetail } from './common/app-error.js';
export { LOGGER, type LogFields, type Logger } from './common/logger.port.js';
export { ConfigError, type ConfigErrorDetail, type ConfigFault } from './config/config.errors.js';
export { type NodeSettings, settingsSchema } from './config/schema.js';
export { Edgekeeper } from './embed/edgekeeper.js';
export { EdgekeeperModule } from './embed/edgekeeper.module.js';
export type {
  EdgekeeperAsyncOptions,
  EdgekeeperKeys,
  EdgekeeperOptions,
  EdgekeeperSettings,
  Named,
} from './embed/edgekeeper.options.js';
export { getEdgekeeperToken } from './embed/edgekeeper-token.js';
export {
  BlockchainError,
  type BlockchainErrorDetail,
  type BlockRef,
  type BlockStore,
  type CandidateVote,
  type CastVote,
  CHAIN,
  type Chain,
  type ChainAlarm,
  type ChainAnchor,
  type ChainAnomaly,
  type ChainConfig,
  type ChainEvent,
  type ChainHead,
  type ChainInfo,
  decodeBlock,
  type Header,
  type IbftGenesisOptions,
  InMemoryBlockStore,
  ibftGenesisFile,
  type OpenBlockStore,
  type PruneResult,
  type RangeLimits,
  REMOVED_HEIGHTS,
  type RemovedBlock,
  type SealKey,
  type StateRecord,
  type StoreHead,
  type StoreSetup,
  sealKey,
  type Validator,
  type ValidatorSnapshot,
  type VerifiedBlock,
  VOTING,
  type Voting,
} from './modules/blockchain/index.js';
export {
  NetworkError,
  type NetworkErrorDetail,
  PEERS,
  type PeerAddress,
  type PeerDetails,
  type PeerEvent,
  type PeerId,
  type PeerInfo,
  type Peers,
} from './modules/network/index.js';
export {
  SYNC,
  type Sync,
  type SyncErrorDetail,
  type SyncEvent,
  type SyncProgress,
} from './modules/sync/index.js';
export {
  type DropReason,
  type PooledTransaction,
  type TransactionSource,
  TXPOOL,
  type TxPool,
  TxPoolError,
  type TxPoolErrorDetail,
  type TxPoolEvent,
} from './modules/txpool/index.js';
export { type CreateNodeOptions, createNode, type EdgekeeperNode } from './node/create-node.js';
export { parseChainText, readChainFile } from './node/read-chain-file.js';
export type { NodeKeys } from './node/read-keys.js';
