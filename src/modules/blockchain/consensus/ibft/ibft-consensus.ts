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
import { examineIbft } from './examine-ibft.js';
import { decodeIbftExtra } from './extra.js';
import { ibftHeaderHash } from './header-hash.js';
import type { IbftEvidence } from './ibft-evidence.js';
import { IbftSchedule, type IbftScheduleOptions } from './ibft-schedule.js';
import { ibftSeals } from './ibft-seals.js';
import { decodeIbftState, IbftState } from './ibft-state.js';
import { judgeIbft } from './judge-ibft.js';

/**
 * IBFT with validators of either kind, PoA and PoS, as the fork list says for each height. The set of a PoA chain is
 * replayed from the votes in headers; that of a PoS chain changes by what a contract says, so it is taken on trust at the
 * start of an epoch and counted.
 */
export class IbftConsensus implements Consensus {
  readonly engine = 'ibft';
  readonly isFinal = true;
  readonly verification: string;
  private readonly schedule: IbftSchedule;

  constructor(options: IbftScheduleOptions) {
    this.schedule = new IbftSchedule(options);
    const isPos = options.forks.some(({ type }) => type === 'PoS');
    this.verification = isPos ? 'seals, sets of PoS epochs trusted' : 'seals of the voted set';
  }

  async prepare(): Promise<void> {}

  headerHash(header: Header): Uint8Array {
    return ibftHeaderHash(header, this.schedule.sealKinds(header.number));
  }

  stateAfterGenesis({ number, extraData }: Header): IbftState {
    const { validators } = decodeIbftExtra(extraData, { ...this.schedule.sealKinds(number), number });
    const set = this.schedule.replacedSet(number + 1) ?? validators;
    return new IbftState({ set, sealers: validators, votes: [], idle: [], trustedSets: 0 });
  }

  /** Where no votes are pending: at the end of a PoA epoch, and anywhere on PoS. */
  tellsState(number: number): boolean {
    return !this.schedule.countsVotes(number);
  }

  /** The set is what the header claims. */
  stateAfterCheckpoint(header: Header): IbftState | undefined {
    return this.tellsState(header.number) ? this.stateAfterGenesis(header) : undefined;
  }

  decodeState(encoded: Uint8Array): IbftState {
    return decodeIbftState(encoded);
  }

  /** Votes need the proposer's signature, and sets are compared by what headers claim: nothing to foresee. */
  foresee(state: EngineState): EngineState {
    return state;
  }

  examine(headers: readonly HashedHeader[], parent: HashedHeader, hint: Uint8Array): readonly Examined[] {
    const { schedule } = this;
    return examineIbft(headers, parent, { schedule, expectedKey: decodeIbftState(hint).setKey });
  }

  judge(evidence: unknown, state: EngineState): Judgement {
    return judgeIbft(evidence as IbftEvidence, state as IbftState, this.schedule);
  }

  seals(header: HashedHeader, set: readonly Validator[] | undefined): BlockSeals | undefined {
    return ibftSeals(header, set, this.schedule);
  }

  confirmVotes(state: EngineState): EngineState {
    return new IbftState({ ...(state as IbftState), idle: [] });
  }
}
