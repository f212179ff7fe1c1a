import { osErrorCode } from '../../../../common/os-error.js';
import type { ProbeFault } from '../../ports/prober.port.js';
import type { PeerId } from '../../ports/types.js';

/** The library passes on nothing but the message. */
export class OtherIdentity extends Error {
  static readonly #TEXT = 'another identity: ';

  constructor(peerId: PeerId) {
    super(`${OtherIdentity.#TEXT}${peerId}`);
  }

  static in(message: string): string | undefined {
    const [before, peerId] = message.split(OtherIdentity.#TEXT);
    return before === '' ? peerId : undefined;
  }
}

/** Why no socket could be opened. */
export function socketFault(error: unknown): ProbeFault {
  switch (osErrorCode(error)) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return 'unreachable';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ECONNRESET':
      return 'closed';
    default:
      return 'failed';
  }
}
