import { describe, expect, it } from '@jest/globals';
import { txpoolConfigSchema } from './txpool.config.js';

describe('txpool settings', () => {
  it('has the defaults of the Go client where it has them', () => {
    expect(txpoolConfigSchema.parse({})).toEqual({
      topic: 'txpool/0.1', // txpool/txpool.go topicNameV1
      priceLimit: 0, // command/server/config/config.go DefaultConfig
      maxSlots: 4_096,
      maxPerSender: 128,
      maxBytes: 33_554_432,
      lifetimeMs: 600_000,
      gossipChecksPerSecond: 500,
    });
  });

  it('has room for the largest transaction', () => {
    expect(txpoolConfigSchema.safeParse({ maxBytes: 131_071 }).success).toBe(false);
  });

  it('refuses unknown keys', () => {
    expect(txpoolConfigSchema.safeParse({ maxslots: 1 }).success).toBe(false);
  });
});
