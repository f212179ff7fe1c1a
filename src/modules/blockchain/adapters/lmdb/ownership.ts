import { BlockchainError } from '../../blockchain.errors.js';
import type { Table } from './lmdb-tables.js';
import { processIdentity } from './process-identity.js';

export const OWNER_KEY = Buffer.from('owner');

/**
 * LMDB lets several processes share an environment; a store has one. The claim stands in the environment itself: its write
 * transaction is the mutex, and it cannot be half written. What a killed process left behind is taken over.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_LOCKED
 */
export function claim(meta: Table, path: string): void {
  meta.transactionSync(() => {
    const owner = readOwner(meta.getBinary(OWNER_KEY));
    if (owner !== undefined && processIdentity(owner.pid) === owner.identity) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_LOCKED', path });
    }
    meta.putSync(OWNER_KEY, Buffer.from(`${process.pid} ${processIdentity(process.pid) ?? ''}`));
  });
}

export async function release(meta: Table): Promise<void> {
  await meta.remove(OWNER_KEY);
}

function readOwner(record: Uint8Array | undefined): { pid: number; identity: string } | undefined {
  if (record === undefined) return undefined;
  const [pid, identity = ''] = Buffer.from(record).toString().split(' ');
  return { pid: Number(pid), identity };
}
