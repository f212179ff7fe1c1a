import { BlockchainError } from '../blockchain.errors.js';
import type { BlockStore } from '../ports/block-store.port.js';

/** Damaged heights that are named; a store with so many has lost more than blocks. */
const MAX_NAMED = 100;

/**
 * Heights whose block, state, or place in an index cannot be read; the first of them.
 * @throws {BlockchainError} what the store fails with, but for damage
 */
export async function damagedBlocks(store: BlockStore): Promise<number[]> {
  const head = await store.head();
  const damaged: number[] = [];
  if (head === undefined) return damaged;
  const tail = await store.tail();
  if (tail > 0 && !(await isWhole(store, 0))) damaged.push(0);
  for (let number = tail; number <= head.number && damaged.length < MAX_NAMED; number++) {
    if (!(await isWhole(store, number))) damaged.push(number);
  }
  return damaged;
}

async function isWhole(store: BlockStore, number: number): Promise<boolean> {
  try {
    const hash = await store.hashByNumber(number);
    const raw = await store.rawBlock(number);
    if (raw === undefined || hash === undefined || (await store.numberByHash(hash)) !== number) return false;
    return (await store.stateAt(number)) !== undefined;
  } catch (error) {
    if (error instanceof BlockchainError && error.code === 'BLOCKCHAIN.STORE_CORRUPT') return false;
    throw error;
  }
}
