import { assertNever } from '../../../common/app-error.js';
import { toHex } from '../../../common/bytes.js';
import { IbftState } from '../consensus/ibft/ibft-state.js';
import { PolybftState } from '../consensus/polybft/polybft-state.js';
import type { Anomaly, EngineState, HashedHeader, Validator } from '../ports/consensus.port.js';
import type { Header } from '../ports/types.js';
import type { ProvedFields, ProvedValidator, VerifiedHeader } from './proof.types.js';

export interface ProvedHeader extends HashedHeader {
  readonly chainId: number;
  /** After it. */
  readonly state: EngineState;
  readonly anomalies: readonly (Anomaly & { readonly number: number })[];
  /** Headers verified. */
  readonly count: number;
  readonly isFull: boolean;
  readonly startNumber: number;
  readonly trustedSets: number;
}

/** What a proof proves, in the form that users see. */
export function verifiedHeader(proved: ProvedHeader): VerifiedHeader {
  const { chainId, header, hash, state, anomalies, trustedSets } = proved;
  const kind = proved.count === 0 ? 'anchor' : proved.isFull ? 'full' : 'skipping';
  return {
    chainId,
    number: header.number,
    hash: toHex(hash),
    fields: fieldsOf(header),
    validators: sealersOf(state).map(shown),
    trustedSets,
    anomalies,
    kind,
    proved: sentence(kind, proved),
  };
}

function sentence(
  kind: VerifiedHeader['kind'],
  { header, count, startNumber, trustedSets }: ProvedHeader,
): string {
  const start = startNumber === 0 ? 'genesis' : `block ${startNumber}`;
  const trusted = trustedSets === 0 ? '' : `; ${trustedSets} validator sets are no more than claimed`;
  switch (kind) {
    case 'anchor':
      return `block ${header.number} is the one that was trusted`;
    case 'full':
      return `block ${header.number} and all ${count} from ${start} on are linked, each sealed by a quorum of the set in force${trusted}`;
    case 'skipping':
      return `block ${header.number} is sealed by a quorum of the set that follows from ${start} by ${count - 1} sealed blocks, unless a quorum of an earlier set sealed what is not of the chain${trusted}`;
    default:
      return assertNever(kind);
  }
}

/** What no seal covers (nonce, mix hash, the seals themselves) is left out. */
function fieldsOf(header: Header): ProvedFields {
  const { difficulty, gasLimit, gasUsed, timestamp } = header;
  return {
    parentHash: toHex(header.parentHash),
    miner: toHex(header.miner),
    stateRoot: toHex(header.stateRoot),
    txRoot: toHex(header.txRoot),
    receiptsRoot: toHex(header.receiptsRoot),
    logsBloom: toHex(header.logsBloom),
    difficulty,
    gasLimit,
    gasUsed,
    timestamp,
  };
}

/** The set that sealed the last block: a vote in that block itself can be turned, so the set after it is not proved. */
function sealersOf(state: EngineState): readonly Validator[] {
  if (state instanceof IbftState) return new IbftState({ ...state, set: state.sealers }).validators;
  if (state instanceof PolybftState) return new PolybftState(state.sealers, state.sealers).validators;
  return state.validators;
}

function shown({ address, blsKey, votingPower }: Validator): ProvedValidator {
  return {
    address: toHex(address),
    ...(blsKey === undefined ? {} : { blsKey: toHex(blsKey) }),
    ...(votingPower === undefined ? {} : { votingPower }),
  };
}
