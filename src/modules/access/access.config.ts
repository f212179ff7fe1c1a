import { z } from 'zod';
import { ROLES } from './ports/access.port.js';

const count = (least: number) => z.int().min(least).max(1_000_000);

/** What callers may cost. Those from loopback are exempt but for what a token or a certificate names, see `loopback`. */
const accessLimitsSchema = z.strictObject({
  loopback: z
    .enum(['exempt', 'count'])
    .default('exempt')
    .describe('Whether limits by address hold for loopback addresses too'),
  connectionsPerAddress: count(1).default(32).describe('Connections of one address at a time'),
  connections: count(1).default(512).describe('Connections of all addresses at a time'),
  callsPerSecond: z.number().min(0.1).default(100).describe('Calls that one caller may make per second'),
  callBurst: count(1).default(200).describe('Calls that one caller may make at once after a silence'),
  callsPerCaller: count(1).default(128).describe('Calls without a stream of one caller at a time'),
  streamsPerCaller: count(1).default(32).describe('Streams of one caller at a time'),
  streams: count(1).default(256).describe('Streams of all callers at a time'),
  failuresPerMinute: z
    .number()
    .min(0.1)
    .default(6)
    .describe('Failed attempts that one address wins back per minute'),
  failureBurst: count(1)
    .default(10)
    .describe('Failed attempts after which an address must wait, its right tokens too'),
});

/** Settings of who may call the operator API; every default is stated here only. */
export const accessConfigSchema = z.strictObject({
  tokenFile: z
    .string()
    .min(1)
    .optional()
    .describe('File of lines role:name:token, which only its owner may read; read again when it changes'),
  loopbackRole: z
    .enum(ROLES)
    .default('admin')
    .describe('What a caller on loopback may do that shows neither token nor certificate'),
  remoteRole: z
    .enum(ROLES)
    .default('none')
    .describe('What a caller from elsewhere may do that shows neither token nor certificate'),
  certificateRoles: z
    .array(z.string().regex(/^.+=(none|viewer|operator|admin)$/, 'must read who=role'))
    .default([])
    .describe(
      'Roles of client certificates, the first that fits: common name, alternative name, SHA-256 or * =role',
    ),
  limits: accessLimitsSchema.prefault({}),
});

export type AccessConfig = z.infer<typeof accessConfigSchema>;
export type AccessLimits = AccessConfig['limits'];
