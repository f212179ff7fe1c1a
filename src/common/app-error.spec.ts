import { describe, expect, it } from '@jest/globals';
import { AppError, errorFields } from './app-error.js';

class PlantedError extends AppError {}

describe(errorFields.name, () => {
  it.each([
    {
      name: 'one of ours',
      error: new PlantedError({ code: 'PLANTED.FAULT' }, 'it broke'),
      expect: { code: 'PLANTED.FAULT', error: 'it broke' },
    },
    { name: 'any other', error: new Error('two\nlines'), expect: { error: 'two lines' } },
    { name: 'what is no error', error: 'x'.repeat(400), expect: { error: 'x'.repeat(300) } },
  ])('tells of $name', ({ error, expect: expected }) => {
    expect(errorFields(error)).toStrictEqual(expected);
  });
});
