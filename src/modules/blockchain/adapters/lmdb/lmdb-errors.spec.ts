import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { BlockchainError } from '../../blockchain.errors.js';
import { readError, storeError } from './lmdb-errors.js';

describe('storeError', () => {
  it.each([
    ['MDB_CORRUPTED: Located page was wrong type', 'BLOCKCHAIN.STORE_CORRUPT'],
    ['MDB_PAGE_NOTFOUND: Requested page not found', 'BLOCKCHAIN.STORE_CORRUPT'],
    ['Error: MDB_BAD_TXN: Transaction must abort, has a child, or is invalid', 'BLOCKCHAIN.STORE_CORRUPT'],
    ['MDB_MAP_FULL: Environment mapsize limit reached', 'BLOCKCHAIN.STORE_FULL'],
    ['No space left on device', 'BLOCKCHAIN.STORE_FULL'],
    ['Input/output error', 'BLOCKCHAIN.STORE_FAILED'],
  ])('%s: %s', async (text, code) => {
    const cause = new Error(text);
    expect(await storeError(cause)).toMatchObject({ code, cause, detail: { reason: text } });
    expect(readError(cause)).toMatchObject({ code, cause });
  });

  it('says why a commit failed, and leaves no rejection behind', async () => {
    const reason = new Error('Input/output error');
    const failed = Object.assign(new Error('Commit failed'), { commitError: Promise.reject(reason) });
    expect(await storeError(failed)).toMatchObject({
      code: 'BLOCKCHAIN.STORE_FAILED',
      detail: { reason: 'Input/output error' },
      cause: reason,
    });
  });

  it('says so of an LMDB that was loaded into another realm, whose errors are not ours', async () => {
    const reason: unknown = runInNewContext('new Error("No space left on device")');
    const failed: object = runInNewContext('new Error("Commit failed (see commitError for details)")');
    const cause = Object.assign(failed, { commitError: Promise.reject(reason) });
    expect(await storeError(cause)).toMatchObject({ code: 'BLOCKCHAIN.STORE_FULL', cause: reason });
  });

  it('gives the outer error when the commit has no reason', async () => {
    const failed = Object.assign(new Error('Commit failed'), { commitError: Promise.resolve() });
    expect(await storeError(failed)).toMatchObject({ cause: failed });
  });

  it('leaves our own errors as they are', async () => {
    const error = new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' });
    expect(await storeError(error)).toBe(error);
    expect(readError(error)).toBe(error);
  });
});
