import { describe, expect, it } from '@jest/globals';
import { BlockchainError } from '../../blockchain.errors.js';
import { levelError } from './level-errors.js';

describe('levelError', () => {
  it.each([
    { code: 'LEVEL_LOCKED', text: 'IO error: lock LOCK: already held', expected: 'BLOCKCHAIN.STORE_LOCKED' },
    { code: 'LEVEL_CORRUPTION', text: 'bad block', expected: 'BLOCKCHAIN.STORE_CORRUPT' },
    { code: undefined, text: 'Corruption: bad block', expected: 'BLOCKCHAIN.STORE_CORRUPT' },
    {
      code: 'LEVEL_IO_ERROR',
      text: 'IO error: 000005.ldb: No such file or directory',
      expected: 'BLOCKCHAIN.STORE_CORRUPT',
    },
    {
      code: 'LEVEL_IO_ERROR',
      text: 'IO error: 000003.log: No space left on device',
      expected: 'BLOCKCHAIN.STORE_FULL',
    },
    {
      code: 'LEVEL_IO_ERROR',
      text: 'IO error: 000003.log: Input/output error',
      expected: 'BLOCKCHAIN.STORE_FAILED',
    },
  ])('$text: $expected', ({ code, text, expected }) => {
    const reason = Object.assign(new Error(text), { code });
    const cause = Object.assign(new Error('Database failed to open', { cause: reason }), {
      code: 'LEVEL_DATABASE_NOT_OPEN',
    });
    expect(levelError(reason, '/data')).toMatchObject({ code: expected, cause: reason });
    expect(levelError(cause, '/data')).toMatchObject({ code: expected, cause });
  });

  it('leaves our own errors as they are', () => {
    const error = new BlockchainError({ code: 'BLOCKCHAIN.STORE_CLOSED' });
    expect(levelError(error, '/data')).toBe(error);
  });
});
