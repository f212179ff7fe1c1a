import { Inject, Injectable } from '@nestjs/common';
import { bytesEqual } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { IbftValidator } from '../consensus/ibft/extra.js';
import { decodeIbftState, type IbftState } from '../consensus/ibft/ibft-state.js';
import {
  type Candidate,
  hasEffect,
  positionIn,
  sameValidator,
  type VotedSet,
} from '../consensus/ibft/votes.js';
import { isBlsPublicKey } from '../crypto/bls12-381.js';
import { type IbftFork, ibftForkAt } from '../genesis/chain-config.js';
import { CHAIN, type Chain } from '../ports/chain.port.js';
import type { Validator } from '../ports/consensus.port.js';
import type { CandidateVote, ValidatorSnapshot, Voting } from '../ports/voting.port.js';
import { SEALER_SETUP, type SealerSetup } from '../sealer/sealer-setup.js';

/**
 * What the operator wants to have voted on, and what the chain says of votes.
 * @see polygon-edge@597a0f3 consensus/ibft/operator_service.go, validators/store/snapshot/snapshot.go Propose
 */
@Injectable()
export class VotingService implements Voting {
  private proposed: readonly Candidate[] = [];

  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(SEALER_SETUP) private readonly setup: SealerSetup,
  ) {}

  validator(): Uint8Array {
    const [first] = this.setup.validators;
    if (first === undefined) throw refused('this node has no validator key');
    return first.address;
  }

  candidates(): readonly CandidateVote[] {
    this.votingFork();
    return this.proposed.map(toVote);
  }

  async propose({ validator, authorize }: CandidateVote): Promise<void> {
    const { validatorType } = this.votingFork();
    const proposer = this.validator();
    const state = await this.stateAt(this.headNumber());
    const candidate = toIbft(validator, validatorType === 'bls');
    if (this.proposed.some(({ candidate: { address } }) => bytesEqual(address, candidate.address))) {
      throw refused('already a candidate');
    }
    if (authorize && validatorType === 'bls') assertBlsKey(candidate);
    if (!hasEffect(state.set, { candidate, authorize })) {
      throw refused(
        authorize
          ? 'the candidate is already a validator'
          : "cannot remove a validator if they're not in the snapshot",
      );
    }
    // To drop somebody the address is enough: the vote names the validator as it stands in the set.
    const named = state.set[positionIn(state.set, candidate.address)] ?? candidate;
    const hasVoted = state.votes.some(
      (vote) => bytesEqual(vote.voter, proposer) && sameValidator(vote.candidate, named),
    );
    if (hasVoted) throw refused('already voted for this address');
    this.proposed = [...this.proposed, { candidate: named, authorize }];
  }

  async snapshot(number = this.headNumber()): Promise<ValidatorSnapshot> {
    const { engine } = this.setup.chain;
    if (engine.name !== 'ibft') throw refused('voting is not supported');
    const hash = await this.chain.hashByNumber(number);
    if (hash === undefined) throw new BlockchainError({ code: 'BLOCKCHAIN.HEADER_NOT_FOUND', number });
    const { sealers, votes } = await this.stateAt(number);
    return {
      number,
      hash,
      validators: sealers.map(toValidator),
      votes: votes.map(({ voter, ...vote }) => ({ voter, ...toVote(vote) })),
    };
  }

  /** What a validator votes for in a block after this state, if anything; forgets what has been decided. */
  next(proposer: Uint8Array, { set, votes }: VotedSet): Candidate | undefined {
    this.proposed = this.proposed.filter((vote) => hasEffect(set, vote));
    return this.proposed.find(
      ({ candidate: { address } }) =>
        !votes.some(
          (vote) => bytesEqual(vote.voter, proposer) && bytesEqual(vote.candidate.address, address),
        ),
    );
  }

  private votingFork(): IbftFork {
    const { engine } = this.setup.chain;
    const fork = engine.name === 'ibft' ? ibftForkAt(engine.forks, this.headNumber()) : undefined;
    if (fork?.type !== 'PoA') throw refused('voting is not supported');
    return fork;
  }

  private headNumber(): number {
    return this.chain.head()?.number ?? 0;
  }

  private async stateAt(number: number): Promise<IbftState> {
    const encoded = await this.chain.stateAfter(number);
    if (encoded === undefined) throw new BlockchainError({ code: 'BLOCKCHAIN.HEADER_NOT_FOUND', number });
    return decodeIbftState(encoded);
  }
}

const refused = (reason: string) => new BlockchainError({ code: 'BLOCKCHAIN.VOTE_REFUSED', reason });

function assertBlsKey({ blsPublicKey }: IbftValidator): void {
  if (blsPublicKey === undefined) throw refused('BLS public key required');
  if (!isBlsPublicKey(blsPublicKey)) throw refused('the BLS public key is not a key of its curve');
}

function toIbft({ address, blsKey }: Validator, bls: boolean): IbftValidator {
  return bls && blsKey !== undefined ? { address, blsPublicKey: blsKey } : { address };
}

function toValidator({ address, blsPublicKey }: IbftValidator): Validator {
  return blsPublicKey === undefined ? { address } : { address, blsKey: blsPublicKey };
}

const toVote = ({ candidate, authorize }: Candidate): CandidateVote => ({
  validator: toValidator(candidate),
  authorize,
});
