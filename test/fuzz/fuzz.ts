import { SeededRandom } from '../sim/seeded-random.js';
import { nextInput } from './mutate.js';
import type { FuzzTarget, Target } from './target.js';
import { archive } from './targets/archive.js';
import { block } from './targets/block.js';
import { header } from './targets/header.js';
import { ibftExtraBls, ibftExtraEcdsa } from './targets/ibft-extra.js';
import { polybftExtra } from './targets/polybft-extra.js';
import { rlp } from './targets/rlp.js';

/** Every target by its name on the command line. */
export const TARGETS: Readonly<Record<string, FuzzTarget>> = {
  rlp,
  header,
  block,
  'ibft-extra-ecdsa': ibftExtraEcdsa,
  'ibft-extra-bls': ibftExtraBls,
  'polybft-extra': polybftExtra,
  archive,
};

/** More say no more. */
const MAX_FAILURES = 10;

export interface FuzzFailure {
  readonly input: Uint8Array;
  readonly error: unknown;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly inputsPerSecond: number;
  readonly failures: readonly FuzzFailure[];
}

/** Runs a target over inputs that the seed fixes. */
export async function fuzz(
  { run, seeds }: FuzzTarget,
  { inputs, seed }: { inputs: number; seed: number },
): Promise<FuzzReport> {
  const random = new SeededRandom(seed);
  const failures: FuzzFailure[] = [];
  const { stackTraceLimit } = Error;
  // Most inputs are refused, and the traces of those errors cost more than all else.
  Error.stackTraceLimit = 0;
  const startMs = performance.now();
  let count = 0;
  for (; count < inputs && failures.length < MAX_FAILURES; count++) {
    const input = nextInput(random, seeds);
    const error = await failureOf(run, input);
    if (error !== undefined) failures.push({ input, error });
  }
  Error.stackTraceLimit = stackTraceLimit;
  return { inputs: count, inputsPerSecond: (count * 1_000) / (performance.now() - startMs), failures };
}

/** What a target throws for an input. */
export async function failureOf(run: Target, input: Uint8Array): Promise<unknown> {
  try {
    const running = run(input);
    // Most targets are synchronous, and a million times waiting for nothing is not free.
    if (running !== undefined) await running;
    return undefined;
  } catch (error) {
    return error ?? new Error('thrown without a value');
  }
}
