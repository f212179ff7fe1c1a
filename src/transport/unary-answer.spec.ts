import { describe, expect, it } from '@jest/globals';
import { of, throwError } from 'rxjs';
import { unaryAnswer } from './unary-answer.js';

describe(unaryAnswer.name, () => {
  it.each([
    ['a plain reply', { id: 1 }, { id: 1 }],
    ['the last of a stream', of({ id: 1 }, { id: 2 }), { id: 2 }],
    ['nothing', undefined, undefined],
  ])('gives %s', async (_what, result, expected) => {
    expect(await unaryAnswer(Promise.resolve(result))).toEqual(expected);
  });

  it.each([
    ['a stream that fails', Promise.resolve(throwError(() => new Error('no')))],
    ['a handler that does', Promise.reject(new Error('no'))],
  ])('fails with %s', async (_what, result) => {
    await expect(unaryAnswer(result)).rejects.toThrow('no');
  });
});
