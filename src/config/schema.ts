import { z } from 'zod';
import { accessConfigSchema } from '../modules/access/access.config.js';
import { blockchainConfigSchema } from '../modules/blockchain/blockchain.config.js';
import { jsonRpcConfigSchema } from '../modules/jsonrpc/jsonrpc.config.js';
import { networkConfigSchema } from '../modules/network/network.config.js';
import { syncConfigSchema } from '../modules/sync/sync.config.js';
import { systemConfigSchema } from '../modules/system/system.config.js';
import { telemetryConfigSchema } from '../modules/telemetry/telemetry.config.js';
import { txpoolConfigSchema } from '../modules/txpool/txpool.config.js';
import { nodeConfigSchema } from './node.config.js';

/** All settings of a node: one slice per module, each injected on its own so that none sees another's. */
export const settingsSchema = z.strictObject({
  node: nodeConfigSchema,
  network: networkConfigSchema.prefault({}),
  blockchain: blockchainConfigSchema.prefault({}),
  sync: syncConfigSchema.prefault({}),
  txpool: txpoolConfigSchema.prefault({}),
  system: systemConfigSchema.prefault({}),
  access: accessConfigSchema.prefault({}),
  jsonrpc: jsonRpcConfigSchema.prefault({}),
  telemetry: telemetryConfigSchema.prefault({}),
});

/** The effective, frozen settings of one node. */
export type NodeSettings = z.infer<typeof settingsSchema>;

/** What holds when nothing is set; `node.dataDir` has no default and is empty here. */
export const defaultSettings: NodeSettings = settingsSchema.parse({ node: { dataDir: '' } });
