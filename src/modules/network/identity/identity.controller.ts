import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Status } from '../../../gen/v1/identity_pb.js';
import { parsePeerId } from '../address/peer-id.js';
import { Conduct } from '../conduct/conduct.service.js';
import type { PeerCall } from '../ports/peer-handlers.port.js';
import { claimedIdFault, PEER_ID_METADATA } from './hello.js';
import { HelloService } from './hello.service.js';

/** The side of the handshake that answers. */
@Controller()
export class IdentityController {
  constructor(
    private readonly service: HelloService,
    @Inject(Conduct) private readonly conduct: Pick<Conduct, 'judge'>,
  ) {}

  /**
   * Answers with our status, whatever the caller's chain is and also while our own Hello is under way: each side decides by the answer it gets.
   *
   * @throws {NetworkError} NETWORK.BAD_PEER_ID when the caller's status names none
   * @see polygon-edge@597a0f3 network/identity/identity.go Hello
   * @remarks Differs: the claimed ID must parse but counts for nothing, and one that is not the caller's own is held
   * against it; the temporary flag is that of the authenticated caller.
   */
  @GrpcMethod('Identity', 'Hello')
  hello(request: Status, _metadata: unknown, call: PeerCall): Status {
    parsePeerId(request.metadata[PEER_ID_METADATA] ?? '');
    const fault = claimedIdFault(call.peerId, request);
    if (fault !== undefined) this.conduct.judge(call.peerId, fault);
    return this.service.statusFor(call.peerId);
  }
}
