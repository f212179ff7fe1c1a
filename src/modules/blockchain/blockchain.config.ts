import { z } from 'zod';

export const BLOCKCHAIN_CONFIG = Symbol('BLOCKCHAIN_CONFIG');

/** Settings of the blockchain module; every default is stated here only. */
export const blockchainConfigSchema = z.strictObject({
  store: z.enum(['lmdb', 'memory']).default('lmdb').describe('Where blocks are kept'),
  maxBlockBytes: z
    .int()
    .min(1_024)
    .max(64 * 1_024 * 1_024)
    .default(4 * 1_024 * 1_024)
    .describe('Largest block taken, bytes; the Go client cannot send larger ones'),
  seal: z.boolean().default(true).describe('Seal blocks when this node is the only validator of its chain'),
});

export type BlockchainConfig = z.infer<typeof blockchainConfigSchema>;
