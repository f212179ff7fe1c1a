import { z } from 'zod';

export const SYNC_CONFIG = Symbol('SYNC_CONFIG');

const ms = (description: string, value: number, min = 10) =>
  z.int().min(min).max(3_600_000).default(value).describe(description);

/** Settings of the sync module; every default is stated here only. */
export const syncConfigSchema = z.strictObject({
  statusTopic: z
    .string()
    .min(1)
    .max(128)
    .default('syncer/status/0.1')
    .describe('Gossip topic on which nodes tell their height'),
  statusTimeoutMs: ms('Longest a GetStatus may take, ms', 10_000),
  statusPollMs: ms(
    'Between two GetStatus to the same peer, ms; finds the height of peers that never gossip',
    30_000,
  ),
  publishIntervalMs: ms('Shortest time between two of our own status messages, ms', 500, 0),
  blockTimeoutMs: ms('Longest wait for a block from a peer, ms; the Go client waits 3 block times', 10_000),
  slowPeerBlocks: z
    .int()
    .min(0)
    .default(10)
    .describe(
      'A peer that gives fewer blocks per blockTimeoutMs of waiting yields to another one that is ahead',
    ),
  holdUpMs: ms(
    'How long a peer may hold up others that are ahead of it, ms of waiting for its blocks, before they take over its range',
    3_000,
  ),
  parallelPeers: z.int().min(1).max(64).default(4).describe('Peers that blocks are fetched from at a time'),
  rangeBlocks: z
    .int()
    .min(1)
    .max(65_536)
    .default(1_024)
    .describe('Heights that one peer is asked for before the next free ones go to whoever is free'),
  // Each block of a batch is an event in one tick: more would overrun system.subscriberCapacity.
  batchBlocks: z.int().min(1).max(512).default(128).describe('Most blocks stored in one transaction'),
  batchBytes: z
    .int()
    .min(1_024)
    .default(4 * 1_024 * 1_024)
    .describe('Most bytes of blocks stored in one transaction, unless one block is larger'),
  bufferBlocks: z
    .int()
    .min(1)
    .default(4_096)
    .describe('Blocks that wait to be stored, at which no more are read from peers'),
  bufferBytes: z
    .int()
    .min(1_024)
    .default(16 * 1_024 * 1_024)
    .describe('Bytes of blocks that wait to be stored, at which no more are read from peers'),
  announcePruned: z
    .boolean()
    .default(false)
    .describe(
      'Tell peers our height also when we do not keep the whole chain, which they then may ask for in vain',
    ),
  maxClaimAhead: z
    .int()
    .min(1)
    .default(1_000_000_000)
    .describe('Claimed heights further above our head are lies; a billion blocks of 1 s take 31 years'),
  retryBaseMs: ms('First time that a failed peer is left alone, ms; doubles, with jitter', 1_000),
  retryMaxMs: ms('Longest time that a failed peer is left alone, ms', 60_000),
});

export type SyncConfig = z.infer<typeof syncConfigSchema>;

/** What sync must know of other modules' settings; set by the application, not by a user. */
export interface SyncSetup {
  /** Protocol ID under which peers serve SyncPeer, such as `/syncer/0.2`. */
  readonly protocol: string;
  /** Largest block taken, bytes. */
  readonly maxBlockBytes: number;
  /** GetBlocks of one peer that are answered at a time. */
  readonly blockStreamsPerPeer: number;
  /** Bytes of blocks on their way to all peers together. */
  readonly blockBytesInFlight: number;
}

export const SYNC_SETUP = Symbol('SYNC_SETUP');
