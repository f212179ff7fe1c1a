import { encodeHeader } from '../../codec/header.codec.js';
import { keccak256 } from '../../crypto/keccak.js';
import type { Consensus } from '../../ports/consensus.port.js';
import type { Header } from '../../ports/types.js';

/**
 * The engines that agree with nobody: `dev` and `dummy`. Their header hash is the plain one and they have no rules.
 * @see polygon-edge@597a0f3 types/header_hash.go defHeaderHash, consensus/dev/dev.go VerifyHeader
 */
export class PlainConsensus implements Consensus {
  readonly engine: 'dev' | 'dummy';
  readonly verification = 'structure';

  constructor(engine: 'dev' | 'dummy') {
    this.engine = engine;
  }

  headerHash(header: Header): Uint8Array {
    return keccak256(encodeHeader(header));
  }

  verifyHeader(): void {}
}
