import type { ConsensusConfig } from '../consensus/create-consensus.js';
import { type ForkName, Forks } from '../genesis/chain-config.js';
import type { ExamineJob } from './examine-chunk.js';

/** A job in one buffer, which is handed over to a thread rather than copied. */
export interface PackedJob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the parent, the hint and each block, in this order. */
  readonly lengths: readonly number[];
}

/** What a thread must know of the chain; plain data. */
export interface WorkerRules extends Omit<ConsensusConfig, 'forks'> {
  readonly forks: ReadonlyMap<ForkName, number>;
  readonly maxBlockBytes: number;
}

/** @see WorkerRules */
export function workerRules(
  { engine, chainId, genesis, forks }: ConsensusConfig,
  maxBlockBytes: number,
): WorkerRules {
  return { engine, chainId, genesis, forks: forks.blocks, maxBlockBytes };
}

export function rulesConfig({
  engine,
  chainId,
  genesis,
  forks,
}: Omit<WorkerRules, 'maxBlockBytes'>): ConsensusConfig {
  return { engine, chainId, genesis, forks: new Forks(forks) };
}

export function packJob({ parent, hint, blocks }: ExamineJob): PackedJob {
  const parts = [parent, hint, ...blocks];
  const lengths = parts.map(({ length }) => length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, lengths };
}

export function unpackJob({ bytes, lengths }: PackedJob): ExamineJob {
  let at = 0;
  const [parent = bytes, hint = bytes, ...blocks] = lengths.map((length) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
  return { parent, hint, blocks };
}
