import { toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { encodeHeader } from '../codec/header.codec.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import type { ProofSource } from '../ports/proof-source.port.js';
import { neverSkipped } from './omissions.js';
import type { HeaderProof } from './proof.types.js';
import { MAX_PROOF_HEADERS } from './read-proof.js';

export interface HeaderProofOptions {
  /** The height that the verifier trusts; 0, which is genesis, without it. */
  readonly from?: number;
  /** Every header in between; without it those that change the set. */
  readonly full?: boolean;
}

/** What of a chain its proofs depend on. */
export type ProofConfig = Pick<ChainConfig, 'chainId' | 'engine'>;

/**
 * The proof that the header of this height is of the chain, of at most 4,096 headers.
 * @throws {BlockchainError} BLOCKCHAIN.PROOF_UNAVAILABLE when a header of it is not kept, or it would have more
 */
export async function buildHeaderProof(
  source: ProofSource,
  { chainId, engine }: ProofConfig,
  number: number,
  { from = 0, full = false }: HeaderProofOptions = {},
): Promise<HeaderProof> {
  if (from > number) throw unavailable(number, `it is below block ${from}, which the proof would start from`);
  if (full && number - from >= MAX_PROOF_HEADERS) throw tooLong(number);
  const shown = full ? heightsBetween(from, number) : await changesBetween(source, engine, from, number);
  const parts = partsOf(from, shown);
  if (parts.flat().length > MAX_PROOF_HEADERS) throw tooLong(number);
  const segments: string[][] = [];
  for (const heights of parts) {
    const part: string[] = [];
    for (const height of heights) part.push(await headerAt(source, height, number));
    segments.push(part);
  }
  return { version: 1, chainId, segments };
}

/** All above `from`, up to and with `to`. */
function heightsBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + 1 + index);
}

/** The heights above `from` after which the state is another, and `to`; ascending. */
async function changesBetween(
  source: ProofSource,
  engine: ProofConfig['engine'],
  from: number,
  to: number,
): Promise<number[]> {
  if (from === to) return [];
  const heights = new Set([to, ...neverSkipped(engine).filter((height) => height > from && height < to)]);
  for (let height: number | undefined = to - 1; height > from; height--) {
    const changed = await source.lastChange(height);
    if (changed === undefined) throw unavailable(to, `what block ${height} changed is not known`);
    if (changed <= from) break;
    heights.add(changed);
    if (heights.size > MAX_PROOF_HEADERS) throw tooLong(to);
    height = changed;
  }
  return [...heights].sort((a, b) => a - b);
}

/** Each height with its parent; parts that would touch are one. */
function partsOf(from: number, shown: readonly number[]): number[][] {
  const parts: number[][] = [[from]];
  for (const height of shown) {
    const part = parts.at(-1);
    const last = part?.at(-1) ?? from;
    if (part !== undefined && height <= last + 2) part.push(...heightsBetween(last, height));
    else parts.push([height - 1, height]);
  }
  return parts;
}

async function headerAt(source: ProofSource, height: number, number: number): Promise<string> {
  const header = await source.header(height);
  if (header === undefined) throw unavailable(number, `block ${height} is not kept here`);
  return toHex(encodeHeader(header));
}

const tooLong = (number: number) =>
  unavailable(number, `the proof would have more than ${MAX_PROOF_HEADERS} headers: start it later`);

function unavailable(number: number, reason: string): BlockchainError {
  return new BlockchainError({ code: 'BLOCKCHAIN.PROOF_UNAVAILABLE', number, reason });
}
