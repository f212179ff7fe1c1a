import { z } from 'zod';

/** Where a node finds its chain and keeps its data; every default is stated here only. */
export const nodeConfigSchema = z.strictObject({
  chainPath: z.string().min(1).default('./genesis.json').describe('The genesis file of the chain'),
  dataDir: z
    .string({ error: 'data directory not defined' })
    .describe('The data folder; a Go node’s is taken as it is, ours is `edgekeeper/` in it'),
  restorePath: z.string().min(1).optional().describe('A backup archive to restore before syncing'),
});
