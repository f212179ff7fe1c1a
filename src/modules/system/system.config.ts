import { z } from 'zod';

export const SYSTEM_CONFIG = Symbol('SYSTEM_CONFIG');

/** With it the port takes encrypted connections only. */
const tlsSchema = z.strictObject({
  certFile: z
    .string({ error: 'goes with a certificate and a key' })
    .min(1)
    .describe(
      'PEM certificate of the operator API, its chain after it; it and the key are read again when they change',
    ),
  keyFile: z
    .string({ error: 'goes with a certificate and a key' })
    .min(1)
    .describe('PEM key of the certificate'),
  clientCaFile: z.string().min(1).optional().describe('PEM certificates that vouch for those of clients'),
  clientCertificates: z
    .enum(['required', 'optional'])
    .default('required')
    .describe(
      'Whether each client must show a certificate, where there is a client CA; optional lets tokens in without',
    ),
});

const healthSchema = z.strictObject({
  maxLag: z
    .int()
    .min(0)
    .default(10)
    .describe(
      'Blocks that the head may be behind the best height known before edgekeeper.sync is NOT_SERVING',
    ),
  minPeers: z.int().min(0).default(1).describe('Peers below which edgekeeper.peers is NOT_SERVING'),
});

/** Settings of the operator service; every default is stated here only. */
export const systemConfigSchema = z.strictObject({
  grpcHost: z.string().min(1).default('127.0.0.1').describe('Address of the operator API'),
  grpcPort: z.int().min(0).max(65_535).default(9632).describe('Port of the operator API; 0 takes a free one'),
  insecureRemote: z
    .boolean()
    .default(false)
    .describe('Allow the operator API in plaintext on an address that is not loopback'),
  tls: tlsSchema.optional(),
  allowedHosts: z
    .array(z.string().regex(/^[a-z0-9.-]+$/, 'must be a host name in lower case, without a port'))
    .default([])
    .describe('Host names beside localhost and IP addresses that HTTP clients may call the operator API by'),
  allowedOrigins: z
    .array(z.string().regex(/^https?:\/\/[^/\s]+$/, 'must be an origin, such as https://console.example'))
    .default([])
    .describe('Web pages that may call the operator API, by their origin'),
  health: healthSchema.prefault({}),
  subscriberCapacity: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_024)
    .describe('Events that wait for a slow subscriber before its stream is ended'),
});

export type TlsConfig = z.infer<typeof tlsSchema>;
export type SystemConfig = z.infer<typeof systemConfigSchema>;
