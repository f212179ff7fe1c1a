import { encodeHeader } from '../../codec/header.codec.js';
import { keccak256 } from '../../crypto/keccak.js';
import type {
  Consensus,
  EngineState,
  Examined,
  HashedHeader,
  Judgement,
} from '../../ports/consensus.port.js';
import type { Header } from '../../ports/types.js';

const STATE: EngineState = { encoded: Uint8Array.of(0xc0), validators: [], sealedBy: [], trustedSets: 0 };

/**
 * The engines that agree with nobody: `dev` and `dummy`. Their header hash is the plain one and they have no rules.
 * @see polygon-edge@597a0f3 types/header_hash.go defHeaderHash, consensus/dev/dev.go VerifyHeader
 */
export class PlainConsensus implements Consensus {
  readonly engine: 'dev' | 'dummy';
  readonly verification = 'structure';
  readonly isFinal = false;

  constructor(engine: 'dev' | 'dummy') {
    this.engine = engine;
  }

  async prepare(): Promise<void> {}

  headerHash(header: Header): Uint8Array {
    return keccak256(encodeHeader(header));
  }

  stateAfterGenesis(): EngineState {
    return STATE;
  }

  tellsState(): boolean {
    return true;
  }

  stateAfterCheckpoint(): EngineState {
    return STATE;
  }

  decodeState(): EngineState {
    return STATE;
  }

  foresee(state: EngineState): EngineState {
    return state;
  }

  examine(headers: readonly HashedHeader[]): readonly Examined[] {
    return headers.map(() => ({ evidence: undefined }));
  }

  judge(_evidence: unknown, state: EngineState): Judgement {
    return { state, anomalies: [] };
  }

  seals(): undefined {
    return undefined;
  }

  confirmVotes(state: EngineState): EngineState {
    return state;
  }
}
