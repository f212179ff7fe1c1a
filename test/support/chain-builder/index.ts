export type { BlockOptions, BuiltBlock, BuiltChain } from './built-chain.js';
export { type DevBlockOptions, type DevChain, devChain } from './dev-chain.js';
export { type IbftBlockOptions, type IbftChain, type IbftChainOptions, ibftChain } from './ibft-chain.js';
export type { ForkPlan } from './ibft-genesis.js';
export { type SealKey, secret, testKeys } from './keys.js';
export {
  type PolybftBlockOptions,
  type PolybftChain,
  type PolybftChainOptions,
  polybftChain,
} from './polybft-chain.js';
export { type Checkpoint, type SetDelta, validatorsHash } from './polybft-extra.js';
export { type PolybftKey, polybftKeys } from './polybft-keys.js';
export { transfers } from './transactions.js';
