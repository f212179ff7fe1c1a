import type { Logger } from '../../../../common/logger.port.js';
import { BlockchainError } from '../../blockchain.errors.js';
import { corrupt } from './records.js';
import { type Extent, loadExtent, putExtent } from './stored-extent.js';
import type { Tables } from './tables.js';

/**
 * Raised when the layout changes; a store of a newer version is refused, one of an older version brought up to date:
 * - 1 had neither states nor removed blocks, and its head record had nothing but the number.
 */
const SCHEMA_VERSION = 2;
const SCHEMA_KEY = Buffer.from('schema');

/**
 * What is kept, after our schema version was written into a new store and an older one was brought up to date.
 * @param mayBeNew Whether the files are such that a store without a version in them was never written to.
 * @throws {BlockchainError} BLOCKCHAIN.STORE_FAILED when the store was written by a newer version,
 * BLOCKCHAIN.STORE_CORRUPT when a store that is not new has no version
 */
export async function openSchema(tables: Tables, mayBeNew: boolean, log: Logger): Promise<Extent> {
  const version = tables.get('meta', SCHEMA_KEY)?.[0];
  // Otherwise a damaged root would make a full store look like an empty one.
  if (version === undefined && !mayBeNew) throw corrupt(undefined, 'its schema version is missing');
  if (version !== undefined && version > SCHEMA_VERSION) {
    const reason = `its schema version is ${version}, this version of the program knows ${SCHEMA_VERSION}`;
    throw new BlockchainError({ code: 'BLOCKCHAIN.STORE_FAILED', reason });
  }
  const { head, ...rest } = await loadExtent(tables, log);
  if (version !== SCHEMA_VERSION) {
    await tables.commit((batch) => {
      batch.put('meta', SCHEMA_KEY, Uint8Array.of(SCHEMA_VERSION));
      if (head !== undefined) putExtent(batch, { ...rest, head });
    });
  }
  return { ...rest, head };
}
