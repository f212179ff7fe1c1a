import { z } from 'zod';

export const BLOCKCHAIN_CONFIG = Symbol('BLOCKCHAIN_CONFIG');

const MAX_COUNT = Number.MAX_SAFE_INTEGER;

/** Longest name that npm takes. */
const MAX_PACKAGE_NAME = 214;
/** No path or URL: what may run in the process is what was installed. */
const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

const keep = (description: string) => z.int().min(0).max(MAX_COUNT).default(0).describe(description);

/** Settings of the blockchain module; every default is stated here only. */
export const blockchainConfigSchema = z.strictObject({
  store: z
    .string()
    .max(MAX_PACKAGE_NAME)
    .regex(PACKAGE_NAME, 'must be lmdb, level, memory or the name of a package')
    .default('lmdb')
    .describe('Where blocks are kept: lmdb, level, memory, or a package that exports `openBlockStore`'),
  maxBlockBytes: z
    .int()
    .min(1_024)
    .max(64 * 1_024 * 1_024)
    .default(4 * 1_024 * 1_024)
    .describe('Largest block taken, bytes; the Go client cannot send larger ones'),
  seal: z
    .boolean()
    .default(true)
    .describe('Seal blocks while the validator keys of this node are enough for one'),
  strict: z
    .boolean()
    .default(false)
    .describe(
      'Refuse blocks that break a rule which only this node checks, and sets that only execution could prove',
    ),
  finality: z
    .enum(['engine', 'reference'])
    .default('engine')
    .describe(
      'engine: sealed blocks are final, a branch that conflicts raises an alarm; reference: total difficulty decides, as in the Go client',
    ),
  checkpoint: z
    .string()
    .max(4_096)
    .default('')
    .describe('Where verification begins in place of genesis: a checkpoint file, or number:hash'),
  verifyThreads: z
    .int()
    .min(0)
    .max(64)
    .default(2)
    .describe('Threads that verify while syncing; they end when there is nothing to do. 0: the main one'),
  retention: z
    .strictObject({
      blocks: keep('Newest blocks kept, 0: all'),
      seconds: keep('Blocks are kept that long, by their own time; 0: for ever'),
      bytes: keep('Bytes of blocks kept, about; 0: any'),
    })
    .prefault({}),
});

export type BlockchainConfig = z.infer<typeof blockchainConfigSchema>;
