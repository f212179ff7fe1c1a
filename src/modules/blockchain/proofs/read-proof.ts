import * as z from 'zod';
import { fromHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';

/** Headers that a proof may have, where nobody says otherwise. */
export const MAX_PROOF_HEADERS = 4_096;

// Extra data of some 500 validators with BLS keys.
const MAX_HEADER_BYTES = 131_072;
// A leaf holds the transaction; no block that is accepted is larger.
const MAX_NODE_BYTES = 4 * 1_024 * 1_024;
const MAX_NODES = 32;
const HASH_BYTES = 32;

/** 0x hex of at most so many bytes. */
const hexBytes = (maxBytes: number, minBytes = 0) =>
  z
    .string()
    .max(2 + 2 * maxBytes)
    .startsWith('0x')
    .transform((text, context) => {
      const bytes = fromHex(text);
      if (bytes !== undefined && bytes.length >= minBytes) return bytes;
      context.addIssue('expected bytes in hex');
      return z.NEVER;
    });

const headerProof = z.strictObject({
  version: z.literal(1),
  chainId: z.int().min(0),
  segments: z.array(z.array(hexBytes(MAX_HEADER_BYTES)).min(1)).min(1),
});

const transactionProof = z.strictObject({
  version: z.literal(1),
  header: z.union([hexBytes(HASH_BYTES, HASH_BYTES), z.record(z.string(), z.unknown())]),
  index: z.int().min(0).max(0xffff_ffff),
  nodes: z.array(hexBytes(MAX_NODE_BYTES)).min(1).max(MAX_NODES),
});

/** A header proof, its bytes as bytes. */
export type HeaderProofBytes = z.output<typeof headerProof>;
export type TransactionProofBytes = z.output<typeof transactionProof>;

/** @throws {BlockchainError} BLOCKCHAIN.PROOF_INVALID */
export function readHeaderProof(proof: unknown, maxHeaders: number): HeaderProofBytes {
  if (headersIn(proof) > maxHeaders) throw invalid(`more than ${maxHeaders} headers`);
  return read(headerProof, proof);
}

/** @throws {BlockchainError} BLOCKCHAIN.PROOF_INVALID */
export function readTransactionProof(proof: unknown): TransactionProofBytes {
  return read(transactionProof, proof);
}

/** Counted before anything is read. */
function headersIn(proof: unknown): number {
  const { segments } = (proof ?? {}) as { segments?: unknown };
  if (!Array.isArray(segments)) return 0;
  return segments.reduce(
    (sum: number, part) => sum + (Array.isArray(part) ? Math.max(1, part.length) : 1),
    0,
  );
}

function read<S extends z.ZodType>(schema: S, proof: unknown): z.output<S> {
  const { data, error } = schema.safeParse(proof);
  if (error === undefined) return data as z.output<S>;
  const [issue] = error.issues;
  throw invalid(`${issue?.path.join('.') || 'proof'}: ${issue?.message}`);
}

const invalid = (reason: string) => new BlockchainError({ code: 'BLOCKCHAIN.PROOF_INVALID', reason });
