import { z } from 'zod';

export const JSONRPC_CONFIG = Symbol('JSONRPC_CONFIG');

/** The most that an HTTP request may have, and a WebSocket message at best. */
export const MAX_REQUEST_BYTES = 1_048_576;
/** Within this time, in ms, a reply must be read, or its connection is cut. */
export const REPLY_READ_MS = 30_000;
/** What a limit of 0, which is none in the Go client, means here. */
export const MAX_BATCH_LENGTH = 1_000;

/** Settings of JSON-RPC; every default is stated here only. */
export const jsonRpcConfigSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address of JSON-RPC'),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Port of JSON-RPC, HTTP and WebSocket; none: it is not served; 0 takes a free one'),
  allowedHosts: z
    .array(z.string().min(1).max(255))
    .default([])
    .describe('Host names beside localhost and IP addresses that clients may call by'),
  allowedOrigins: z
    .array(z.string().min(1).max(255))
    .default([])
    .describe('Web origins whose pages may call; * is any'),
  batchLimit: z.int().min(1).max(MAX_BATCH_LENGTH).default(20).describe('Calls that one request may have'),
  websocketMessageBytes: z
    .int()
    .min(64)
    .max(MAX_REQUEST_BYTES)
    .default(8_192)
    .describe('Size of a message over WebSocket, in bytes'),
  maxConnections: z
    .int()
    .min(2)
    .max(10_000)
    .default(256)
    .describe('Connections, a quarter of them of one address; half may be WebSockets'),
  loopback: z
    .enum(['exempt', 'count'])
    .default('exempt')
    .describe('Whether one loopback address too may have no more than a quarter of what all may have'),
  maxInFlight: z
    .int()
    .min(1)
    .max(10_000)
    .default(64)
    .describe('Requests that are answered at a time, a quarter of them of one address'),
  maxSubscriptions: z.int().min(1).max(1_000).default(16).describe('Subscriptions of one connection'),
  subscriberBytes: z
    .int()
    .min(1)
    .max(67_108_864)
    .default(262_144)
    .describe('What waits for a slow subscriber before its connection is closed, in bytes'),
  transactionLookupBlocks: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(10_000)
    .describe('Newest blocks in which transactions are found by their hash'),
});
export type JsonRpcConfig = z.infer<typeof jsonRpcConfigSchema>;
