import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller, Inject, UseInterceptors } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type {
  Candidate,
  CandidatesRespSchema,
  IbftStatusRespSchema,
  SnapshotReq,
  SnapshotSchema,
} from '../../gen/v1/ibft_operator_pb.js';
import { toChecksumAddress, VOTING, type Voting } from '../blockchain/index.js';
import { toCandidate, toCandidateVote, toSnapshot } from './ibft.mapper.js';
import { OperatorCallInterceptor } from './operator-call.interceptor.js';
import { toHeight } from './system.mapper.js';

/**
 * Votes on the validators of a PoA chain.
 * @see polygon-edge@597a0f3 consensus/ibft/operator_service.go
 * @remarks Differs: an address is checked where Go takes what is none for the zero address; with several validators in
 * this process all of them vote, and `Status` names the first; on engines other than IBFT, where Go does not have the
 * service, voting is refused.
 */
@Controller()
@UseInterceptors(OperatorCallInterceptor)
export class IbftController {
  constructor(@Inject(VOTING) private readonly voting: Voting) {}

  @GrpcMethod('IbftOperator', 'Status')
  status(): MessageInitShape<typeof IbftStatusRespSchema> {
    return { key: toChecksumAddress(this.voting.validator()) };
  }

  @GrpcMethod('IbftOperator', 'GetSnapshot')
  async getSnapshot({ latest, number }: SnapshotReq): Promise<MessageInitShape<typeof SnapshotSchema>> {
    return toSnapshot(await this.voting.snapshot(latest ? undefined : toHeight(number)));
  }

  @GrpcMethod('IbftOperator', 'Propose')
  async propose(candidate: Candidate): Promise<Record<string, never>> {
    await this.voting.propose(toCandidateVote(candidate));
    return {};
  }

  @GrpcMethod('IbftOperator', 'Candidates')
  candidates(): MessageInitShape<typeof CandidatesRespSchema> {
    return { candidates: this.voting.candidates().map(toCandidate) };
  }
}
