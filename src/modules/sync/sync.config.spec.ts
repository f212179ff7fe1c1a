import { describe, expect, it } from '@jest/globals';
import { syncConfigSchema } from './sync.config.js';

describe('sync settings', () => {
  it('has the defaults of the Go client where it has them', () => {
    expect(syncConfigSchema.parse({})).toEqual({
      statusTopic: 'syncer/status/0.1', // syncer/client.go statusTopicName
      statusTimeoutMs: 10_000, // syncer/client.go defaultTimeoutForStatus
      statusPollMs: 30_000,
      publishIntervalMs: 500,
      blockTimeoutMs: 10_000,
      slowPeerBlocks: 10,
      holdUpMs: 3_000,
      parallelPeers: 4,
      rangeBlocks: 1_024,
      batchBlocks: 128,
      batchBytes: 4_194_304,
      bufferBlocks: 4_096,
      bufferBytes: 16_777_216,
      announcePruned: false,
      maxClaimAhead: 1_000_000_000,
      retryBaseMs: 1_000,
      retryMaxMs: 60_000,
    });
  });

  it('keeps a batch below what waits for a subscriber, as each block is an event', () => {
    expect(syncConfigSchema.safeParse({ batchBlocks: 512 }).success).toBe(true);
    expect(syncConfigSchema.safeParse({ batchBlocks: 513 }).success).toBe(false);
  });

  it('refuses unknown keys', () => {
    expect(syncConfigSchema.safeParse({ batchsize: 1 }).success).toBe(false);
  });
});
