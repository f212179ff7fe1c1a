import { z } from 'zod';
import type { ChainConfig } from '../blockchain/index.js';

export const TXPOOL_CONFIG = Symbol('TXPOOL_CONFIG');

/** Settings of the txpool module; every default is stated here only. */
export const txpoolConfigSchema = z.strictObject({
  topic: z
    .string()
    .min(1)
    .max(128)
    .default('txpool/0.1')
    .describe('Gossip topic on which nodes hand on transactions'),
  priceLimit: z
    .int()
    .min(0)
    .default(0)
    .describe('Least price of gas that is taken, wei; what a transaction would pay in the next block'),
  maxSlots: z
    .int()
    .min(1)
    .max(1_048_576)
    .default(4_096)
    .describe('Most slots of 32 KiB that the transactions take which are not mined; a small one takes one'),
  maxBytes: z
    .int()
    .min(131_072)
    .default(32 * 1_024 * 1_024)
    .describe('Most bytes that they take together'),
  maxPerSender: z.int().min(1).default(128).describe('Most of them that are of one sender'),
  lifetimeMs: z
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(600_000)
    .describe('How long a transaction is waited for to be mined, ms'),
  gossipChecksPerSecond: z
    .int()
    .min(1)
    .default(500)
    .describe(
      'Transactions from gossip that are checked per second, in bursts of as many, shared out among the neighbours; others are not relayed',
    ),
});

export type TxPoolConfig = z.infer<typeof txpoolConfigSchema>;

/** What the pool must know of the chain; set by the application, not by a user. */
export type TxPoolSetup = Pick<ChainConfig, 'chainId' | 'forks' | 'genesis'>;

export const TXPOOL_SETUP = Symbol('TXPOOL_SETUP');
