import { describe, expect, it } from '@jest/globals';
import { storeFailed } from './store-failed.js';

const failedCommit = (commitError: Promise<unknown>) =>
  Object.assign(new Error('Commit failed (see commitError for details)'), { commitError });

describe(storeFailed.name, () => {
  it.each<{ name: string; cause: () => unknown; reason: string }>([
    { name: 'what was thrown', cause: () => new Error('EACCES: no'), reason: 'EACCES: no' },
    { name: 'what is no error', cause: () => 'a text', reason: 'a text' },
    {
      name: 'why a commit failed',
      cause: () => failedCommit(Promise.reject(new Error('No space left on device'))),
      reason: 'No space left on device',
    },
    {
      name: 'that a commit failed, when nobody knows why',
      cause: () => failedCommit(Promise.resolve()),
      reason: 'Commit failed (see commitError for details)',
    },
  ])('says $name', async ({ cause, reason }) => {
    const error = cause();
    const failed = await storeFailed(error);
    expect(failed.detail).toEqual({ code: 'NETWORK.STORE_FAILED', reason });
    expect(failed.cause).toBe(error);
  });
});
