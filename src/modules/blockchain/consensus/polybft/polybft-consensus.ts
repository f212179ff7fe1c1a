import { bytesEqual } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import type { Consensus } from '../../ports/consensus.port.js';
import type { Header } from '../../ports/types.js';
import { decodePolybftExtra, POLYBFT_VANITY_BYTES } from './extra.js';
import { polybftHeaderHash } from './header-hash.js';

/** @see polygon-edge@597a0f3 consensus/polybft/extra.go PolyBFTMixDigest */
const POLYBFT_MIX_HASH = new Uint8Array(
  Buffer.from('adce6e5230abe012342a44e4e9b6d05997d6f015387ae0e59be924afc7ec70c1', 'hex'),
);

const ZERO_NONCE = new Uint8Array(8);
const ZERO_VANITY = new Uint8Array(POLYBFT_VANITY_BYTES);

/**
 * PolyBFT.
 * @remarks Differs: signatures, checkpoints and timestamps of the future are not verified. A vanity that is not zero is
 * refused: it is outside the hash and no honest node writes it.
 */
export class PolybftConsensus implements Consensus {
  readonly engine = 'polybft';
  readonly verification = 'structure';

  headerHash(header: Header): Uint8Array {
    return polybftHeaderHash(header);
  }

  /** @see polygon-edge@597a0f3 consensus/polybft/fsm.go validateHeaderFields */
  verifyHeader(header: Header, _hash: Uint8Array, parent: Header): void {
    const { number } = header;
    const fail = (reason: string) => new BlockchainError({ code: 'BLOCKCHAIN.BAD_HEADER', number, reason });
    decodePolybftExtra(header.extraData, number);
    if (!bytesEqual(header.extraData.subarray(0, POLYBFT_VANITY_BYTES), ZERO_VANITY)) {
      throw new BlockchainError({ code: 'BLOCKCHAIN.BAD_EXTRA', number, reason: 'vanity is not zero' });
    }
    if (!bytesEqual(header.nonce, ZERO_NONCE)) throw fail('invalid nonce');
    if (header.gasUsed > header.gasLimit) {
      throw fail(`invalid gas limit: have ${header.gasUsed}, max ${header.gasLimit}`);
    }
    if (header.timestamp <= parent.timestamp) throw fail('timestamp older than parent');
    if (!bytesEqual(header.mixHash, POLYBFT_MIX_HASH)) throw fail('mix digest is not correct');
    if (header.difficulty === 0n) throw fail('difficulty should be greater than zero');
  }
}
