import { errorFields } from '../../../common/app-error.js';
import { bytesEqual } from '../../../common/bytes.js';
import type { Logger } from '../../../common/logger.port.js';
import { BlockchainError } from '../blockchain.errors.js';
import { decodeBlock } from '../codec/block.codec.js';
import type { BlockStore, StoreHead } from '../ports/block-store.port.js';
import type { Consensus } from '../ports/consensus.port.js';

/** How many of the newest blocks are looked at when the chain is opened. */
const RECENT_BLOCKS = 1_000;

export interface CheckRecentOptions {
  readonly store: BlockStore;
  readonly consensus: Consensus;
  readonly log: Logger;
  readonly maxBlocks?: number;
}

/**
 * Sees whether the newest blocks can be read, have the hash they are stored under, and link. Where one does not, the chain
 * is cut back to the block before it: peers still have the rest.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_CORRUPT when the damage reaches further back than was looked
 */
export async function checkRecent(options: CheckRecentOptions): Promise<StoreHead | undefined> {
  const { store, log, maxBlocks = RECENT_BLOCKS } = options;
  const head = await store.head();
  if (head === undefined) return undefined;
  const first = Math.max(await store.tail(), head.number - maxBlocks + 1);
  const damage = await firstDamage(options, first, head.number);
  if (damage === undefined) return head;
  // Nothing is known of blocks below the first, so it cannot become the head's parent unseen.
  if (damage.number === first) throw damage.error;
  const removed = await store.rewind(damage.number - 1);
  log.warn('the newest blocks of the store are damaged and were removed', {
    height: damage.number - 1,
    removed: head.number - damage.number + 1,
    readable: removed.length,
    ...errorFields(damage.error),
  });
  return store.head();
}

interface Damage {
  readonly number: number;
  readonly error: BlockchainError;
}

async function firstDamage(
  options: CheckRecentOptions,
  first: number,
  last: number,
): Promise<Damage | undefined> {
  let parentHash: Uint8Array | undefined;
  for (let number = first; number <= last; number++) {
    try {
      parentHash = await checkBlock(options, number, parentHash);
    } catch (cause) {
      // A disk that fails is no damage: nothing may be removed for it.
      if (!(cause instanceof BlockchainError) || cause.code === 'BLOCKCHAIN.STORE_FAILED') throw cause;
      return { number, error: corrupt(number, cause.message, cause) };
    }
  }
  return undefined;
}

async function checkBlock(
  { store, consensus }: CheckRecentOptions,
  number: number,
  parentHash: Uint8Array | undefined,
): Promise<Uint8Array> {
  const raw = await store.rawBlock(number);
  const hash = await store.hashByNumber(number);
  if (raw === undefined || hash === undefined) throw corrupt(number, 'it is missing');
  const { header } = decodeBlock(raw);
  if (header.number !== number || !bytesEqual(consensus.headerHash(header), hash)) {
    throw corrupt(number, 'its hash is another');
  }
  if (parentHash !== undefined && !bytesEqual(header.parentHash, parentHash)) {
    throw corrupt(number, 'it does not follow the block before');
  }
  if ((await store.numberByHash(hash)) !== number) throw corrupt(number, 'it is not found by its hash');
  return hash;
}

function corrupt(number: number, reason: string, cause?: unknown): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.STORE_CORRUPT', number, reason }, cause);
}
