import { z } from 'zod';

export const SYSTEM_CONFIG = Symbol('SYSTEM_CONFIG');

/** Settings of the operator service; every default is stated here only. */
export const systemConfigSchema = z.strictObject({
  grpcHost: z.string().min(1).default('127.0.0.1').describe('Address of the operator API'),
  grpcPort: z.int().min(0).max(65_535).default(9632).describe('Port of the operator API; 0 takes a free one'),
  insecureRemote: z
    .boolean()
    .default(false)
    .describe('Allow the operator API in plaintext on an address that is not loopback'),
  subscriberCapacity: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_024)
    .describe('Events that wait for a slow subscriber before its stream is ended'),
});

export type SystemConfig = z.infer<typeof systemConfigSchema>;
