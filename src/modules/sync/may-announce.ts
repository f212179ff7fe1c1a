import type { Chain } from '../blockchain/index.js';
import type { SyncConfig } from './sync.config.js';

/** Whether peers may be told our height: they take it that we have all blocks below. */
export function mayAnnounce(
  chain: Pick<Chain, 'info'>,
  { announcePruned }: Pick<SyncConfig, 'announcePruned'>,
): boolean {
  return announcePruned || chain.info().tail === 0;
}
