export {
  SYNC,
  SYNC_CONTROL,
  type Sync,
  type SyncControl,
  type SyncPeerView,
  type SyncProgress,
} from './ports/sync.port.js';
export type { SyncConfig, SyncSetup } from './sync.config.js';
export type { SyncErrorDetail } from './sync.errors.js';
export type { SyncEvent } from './sync.events.js';
export { SyncModule, type SyncModuleOptions } from './sync.module.js';
export { encodeBlock } from './sync-peer.codec.js';
