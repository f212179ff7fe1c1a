import { prepareBn254 } from '../../crypto/bn254.js';
import type { Forks } from '../../genesis/chain-config.js';
import type {
  BlockSeals,
  Consensus,
  EngineState,
  Examined,
  HashedHeader,
  Judgement,
  Validator,
} from '../../ports/consensus.port.js';
import type { Header } from '../../ports/types.js';
import type { BaseFeeRules } from './base-fee.js';
import { examinePolybft, foreseen } from './examine-polybft.js';
import { decodePolybftExtra, deltaOf } from './extra.js';
import { polybftHeaderHash } from './header-hash.js';
import { judgePolybft } from './judge-polybft.js';
import type { PolybftEvidence } from './polybft-evidence.js';
import { polybftSeals } from './polybft-seals.js';
import { decodePolybftState, PolybftState } from './polybft-state.js';

/** What the genesis file says that verification needs. */
export interface PolybftRules {
  readonly chainId: number;
  readonly forks: Forks;
  readonly baseFee: BaseFeeRules;
  /** How far a block's time may be ahead of the clock. */
  readonly blockTimeDriftSeconds: bigint;
}

/**
 * PolyBFT: the set follows from genesis and the changes in epoch-ending blocks, every block carries the quorum's aggregate
 * over its checkpoint.
 * @remarks Differs: that the hashes of sets in checkpoints are those of the sets is compared, the Go client does so only as
 * a live validator.
 */
export class PolybftConsensus implements Consensus {
  readonly engine = 'polybft';
  readonly isFinal = true;
  readonly verification = 'seals of the set that epochs changed';
  private readonly rules: PolybftRules;

  constructor(rules: PolybftRules) {
    this.rules = rules;
  }

  prepare(): Promise<void> {
    return prepareBn254();
  }

  headerHash(header: Header): Uint8Array {
    return polybftHeaderHash(header);
  }

  stateAfterGenesis({ extraData, number }: Header): PolybftState {
    const added = deltaOf(decodePolybftExtra(extraData, number))?.added ?? [];
    return new PolybftState(added, added);
  }

  /** Headers have changes of the set only. */
  tellsState(): boolean {
    return false;
  }

  stateAfterCheckpoint(): undefined {
    return undefined;
  }

  decodeState(encoded: Uint8Array): PolybftState {
    return decodePolybftState(encoded);
  }

  foresee(state: EngineState, headers: () => readonly Header[]): PolybftState {
    let next = state as PolybftState;
    for (const { extraData, number } of headers())
      next = foreseen(next, decodePolybftExtra(extraData, number));
    return next;
  }

  examine(headers: readonly HashedHeader[], parent: HashedHeader, hint: Uint8Array): readonly Examined[] {
    return examinePolybft(headers, parent, decodePolybftState(hint), this.rules);
  }

  judge(evidence: unknown, state: EngineState, nowMs: number): Judgement {
    return judgePolybft(evidence as PolybftEvidence, state as PolybftState, this.rules, nowMs);
  }

  seals(header: HashedHeader, set: readonly Validator[] | undefined): BlockSeals | undefined {
    return polybftSeals(header.header, set);
  }

  confirmVotes(state: EngineState): EngineState {
    return state;
  }
}
