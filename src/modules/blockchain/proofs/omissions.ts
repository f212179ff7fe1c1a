import { IbftState } from '../consensus/ibft/ibft-state.js';
import { type EngineConfig, ibftForkAt } from '../genesis/chain-config.js';
import type { EngineState } from '../ports/consensus.port.js';

/** Heights, both included. */
export interface Skipped {
  readonly from: number;
  readonly to: number;
}

/** Heights that no proof may skip: the genesis file says that another set is in force above them. Ascending. */
export function neverSkipped(engine: EngineConfig): number[] {
  if (engine.name !== 'ibft') return [];
  return engine.forks
    .filter(({ from, validators }) => from > 0 && validators !== undefined)
    .map(({ from }) => from - 1)
    .sort((a, b) => a - b);
}

/**
 * What a proof leaves out that changes the validator set or its votes for certain; undefined where nothing is known. That
 * votes were cast in the skipped blocks cannot be seen.
 */
export function omittedIn(engine: EngineConfig, state: EngineState, skipped: Skipped): string | undefined {
  const { from, to } = skipped;
  const replaced = neverSkipped(engine).find((height) => height >= from && height <= to);
  if (replaced !== undefined) return `block ${replaced}, above which the genesis file has another set`;
  const end = endOfVotes(engine, state, skipped);
  return end === undefined ? undefined : `block ${end}, which ends an epoch with votes`;
}

/** The first skipped height that clears the votes of the state. */
function endOfVotes(engine: EngineConfig, state: EngineState, { from, to }: Skipped): number | undefined {
  if (engine.name !== 'ibft' || !(state instanceof IbftState) || state.votes.length === 0) return undefined;
  const { forks, epochSize } = engine;
  // By entries of the fork list: the heights may be many.
  return forks
    .filter(({ type }) => type === 'PoA')
    .map((fork) => ({ fork, height: Math.ceil(Math.max(from, fork.from) / epochSize) * epochSize }))
    .find(({ fork, height }) => height <= to && ibftForkAt(forks, height) === fork)?.height;
}
