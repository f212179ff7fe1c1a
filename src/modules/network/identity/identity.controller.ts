import { Controller } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Status } from '../../../gen/v1/identity_pb.js';
import { parsePeerId } from '../address/peer-id.js';
import type { PeerCall } from '../ports/peer-handlers.port.js';
import { PEER_ID_METADATA } from './hello.js';
import { HelloService } from './hello.service.js';

/** The side of the handshake that answers. */
@Controller()
export class IdentityController {
  constructor(private readonly service: HelloService) {}

  /**
   * Answers with our status, whatever the caller's chain is and also while our own Hello is under way: each side decides by the answer it gets.
   *
   * @throws {NetworkError} NETWORK.BAD_PEER_ID when the caller's status names none
   * @see polygon-edge@597a0f3 network/identity/identity.go Hello
   * @remarks Differs: the claimed ID must parse but counts for nothing; the temporary flag is that of the authenticated caller.
   */
  @GrpcMethod('Identity', 'Hello')
  hello(request: Status, _metadata: unknown, call: PeerCall): Status {
    parsePeerId(request.metadata[PEER_ID_METADATA] ?? '');
    return this.service.statusFor(call.peerId);
  }
}
