import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { schemaLeaves } from './schema-leaves.js';

describe('schemaLeaves', () => {
  it('finds every setting of every kind', () => {
    const schema = z.strictObject({
      a: z.int().default(1),
      b: z.strictObject({ c: z.boolean().optional(), d: z.enum(['x']).default('x') }).prefault({}),
      e: z.array(z.string()).default([]),
      f: z.string(),
    });
    expect([...schemaLeaves(schema)]).toEqual([
      ['a', 'number'],
      ['b.c', 'switch'],
      ['b.d', 'text'],
      ['e', 'texts'],
      ['f', 'text'],
    ]);
  });
});
