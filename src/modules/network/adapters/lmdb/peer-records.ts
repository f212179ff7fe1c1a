import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { formatCidr, parseIpNetwork } from '../../conduct/ip-network.js';
import {
  type AuditEntry,
  type Ban,
  MAX_PEER_ADDRESSES,
  MAX_SCORE_REASONS,
  type PeerRecord,
  type PinnedPeer,
} from '../../ports/peer-store.port.js';
import type { PeerId } from '../../ports/types.js';

/**
 * How values stand in the database: a CRC-32 (4 bytes, big endian), then JSON. LMDB's pages carry no digest of their own.
 * The CRC starts from that of the table and key, so that a record which turns up elsewhere is noticed too.
 */
const DIGEST_BYTES = 4;
/** Several times what the largest record has. */
const MAX_RECORD_BYTES = 16_384;

const timeMs = z.number().min(0).max(8.64e15);
const text = (length: number) => z.string().max(length);
/** Its form alone: it was checked when it entered, the digest says that it is the same, and to decode it costs more than all else. */
const peerId = z.custom<PeerId>(
  (value) => typeof value === 'string' && /^[1-9A-HJ-NP-Za-km-z]{46,65}$/.test(value),
);
const cidr = z.custom<string>(isCidr);
const transport = z.string().min(1).max(512);

const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('peer'), peerId }),
  z.strictObject({ kind: z.literal('network'), cidr }),
]);

/** The tables, and what a record of each looks like. */
const RECORDS = {
  peers: z.strictObject({
    peerId,
    addresses: z
      .array(z.strictObject({ transport, reachedAtMs: timeMs.optional(), failures: z.int().min(0) }))
      .max(MAX_PEER_ADDRESSES),
    seenAtMs: timeMs.optional(),
    score: z.number().max(0),
    scoredAtMs: timeMs,
    reasons: z
      .array(z.strictObject({ atMs: timeMs, code: text(64), points: z.number().positive() }))
      .max(MAX_SCORE_REASONS),
    quarantinedUntilMs: timeMs.optional(),
  }) satisfies z.ZodType<PeerRecord>,
  bans: z.strictObject({
    target,
    sinceMs: timeMs,
    untilMs: timeMs.optional(),
    reason: text(256),
    by: text(64),
  }) satisfies z.ZodType<Ban>,
  pinned: z.strictObject({
    peerId,
    isTrusted: z.boolean(),
    staticTransport: transport.optional(),
  }) satisfies z.ZodType<PinnedPeer>,
  audit: z.strictObject({
    atMs: timeMs,
    action: z.enum(['ban', 'unban', 'remove', 'trust', 'untrust', 'pin', 'unpin']),
    target: text(128),
    by: text(64),
    reason: text(256),
  }) satisfies z.ZodType<AuditEntry>,
} as const;

export type TableName = keyof typeof RECORDS;
export const TABLE_NAMES = ['peers', 'bans', 'pinned', 'audit'] as const satisfies TableName[];
export type RecordOf<Name extends TableName> = z.infer<(typeof RECORDS)[Name]>;

/** @throws when the record is none that could be read again */
export function encodeRecord(table: TableName, key: Uint8Array, value: unknown): Uint8Array {
  const payload = Buffer.from(JSON.stringify(RECORDS[table].parse(value)));
  if (payload.length > MAX_RECORD_BYTES) throw new Error(`a record of ${payload.length} bytes is too large`);
  const record = Buffer.concat([Buffer.alloc(DIGEST_BYTES), payload]);
  record.writeUInt32BE(digestOf(table, key, payload), 0);
  return record;
}

/** Undefined for what is damaged, or cannot be a record of that table. */
export function decodeRecord<Name extends TableName>(
  table: Name,
  key: Uint8Array,
  record: Uint8Array,
): RecordOf<Name> | undefined {
  if (record.length <= DIGEST_BYTES || record.length > DIGEST_BYTES + MAX_RECORD_BYTES) return undefined;
  const bytes = Buffer.from(record);
  const payload = bytes.subarray(DIGEST_BYTES);
  if (digestOf(table, key, payload) !== bytes.readUInt32BE(0)) return undefined;
  const parsed = RECORDS[table].safeParse(jsonOf(payload));
  return parsed.success ? (parsed.data as RecordOf<Name>) : undefined;
}

function digestOf(table: TableName, key: Uint8Array, payload: Uint8Array): number {
  return crc32(payload, crc32(key, crc32(table)));
}

function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}

/** Whether it is a network as `formatCidr` writes it. */
function isCidr(value: unknown): boolean {
  const network = typeof value === 'string' ? parseIpNetwork(value) : undefined;
  return network !== undefined && formatCidr(network) === value;
}
