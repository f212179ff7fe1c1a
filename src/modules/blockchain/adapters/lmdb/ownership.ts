import { isOwnerAlive, ownerRecord } from '../../../../common/owner-record.js';
import { BlockchainError } from '../../blockchain.errors.js';
import type { Table } from './lmdb-tables.js';

export const OWNER_KEY = Buffer.from('owner');

/**
 * LMDB lets several processes share an environment; a store has one. The claim stands in the environment itself: its write
 * transaction is the mutex, and it cannot be half written. What a killed process left behind is taken over.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED
 */
export function claim(meta: Table, path: string): void {
  meta.transactionSync(() => {
    const owner = meta.getBinary(OWNER_KEY);
    if (owner !== undefined && isOwnerAlive(owner)) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_LOCKED', path });
    }
    meta.putSync(OWNER_KEY, ownerRecord());
  });
}

export async function release(meta: Table): Promise<void> {
  await meta.remove(OWNER_KEY);
}
