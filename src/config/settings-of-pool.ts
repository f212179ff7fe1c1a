import { defaultSettings } from './schema.js';
import type { Setting } from './setting.js';

/** A number that becomes one value as it is. */
const amount = (flag: string, key: string, path: string, help: string, shown: number): Setting => ({
  flag,
  key,
  kind: 'number',
  help,
  shown: String(shown),
  paths: [path],
  read: (value) => [value],
});

const { txpool } = defaultSettings;

/** What bounds the transactions that wait to be mined. */
export const POOL_SETTINGS: readonly Setting[] = [
  amount(
    'price-limit',
    'tx_pool.price_limit',
    'txpool.priceLimit',
    'the minimum gas price limit to enforce for acceptance into the pool',
    txpool.priceLimit,
  ),
  amount(
    'max-slots',
    'tx_pool.max_slots',
    'txpool.maxSlots',
    'maximum slots in the pool; a slot is 32 KiB of one transaction',
    txpool.maxSlots,
  ),
  amount(
    'max-enqueued',
    'tx_pool.max_account_enqueued',
    'txpool.maxPerSender',
    'maximum number of transactions in the pool per account',
    txpool.maxPerSender,
  ),
];
