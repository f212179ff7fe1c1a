import { bytesEqual, fromHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import { Anchor } from '../chain/anchor.js';
import { encodeHeader } from '../codec/header.codec.js';
import type { ChainConfig } from '../genesis/chain-config.js';
import { genesisHeader, matchesGenesis } from '../genesis/genesis-header.js';
import type { Consensus, EngineState, HashedHeader } from '../ports/consensus.port.js';
import { readRlp } from '../rlp/rlp.js';
import type { VerifierCheckpoint } from './proof.types.js';

const HASH_BYTES = 32;

/** The block that the user of a verifier trusts, and from which proofs start. */
export interface ProofStart {
  readonly number: number;
  /** Whether its hash is known, so that it is proved itself. */
  readonly hasHash: boolean;
  /**
   * The state after a block that is said to be this one.
   * @throws {BlockchainError} BLOCKCHAIN.GENESIS_MISMATCH | BLOCKCHAIN.ANCHOR_MISMATCH when it is another
   */
  stateAfter(block: HashedHeader): EngineState;
}

/** Genesis. Where its state root needs execution, every other field must agree: the set follows from those. */
export function startAtGenesis(config: ChainConfig, consensus: Consensus): ProofStart {
  const known = genesisHeader(config)?.header;
  const bytes = known && encodeHeader(known);
  return {
    number: 0,
    hasHash: known !== undefined,
    stateAfter: ({ header }) => {
      const isSame =
        bytes === undefined
          ? matchesGenesis(config, header).length === 0
          : bytesEqual(bytes, encodeHeader(header));
      if (isSame) return consensus.stateAfterGenesis(header);
      const reason = 'the proof starts with another block 0 than the genesis file has';
      throw new BlockchainError({ code: 'BLOCKCHAIN.GENESIS_MISMATCH', reason });
    },
  };
}

/** @throws {BlockchainError} BLOCKCHAIN.PROOF_INVALID for a checkpoint that is none */
export function startAtCheckpoint(
  { number, hash, state }: VerifierCheckpoint,
  consensus: Consensus,
): ProofStart {
  const fail = (reason: string, cause?: unknown) =>
    new BlockchainError({ code: 'BLOCKCHAIN.PROOF_INVALID', number, reason }, cause);
  const hashBytes = fromHex(hash);
  if (!Number.isSafeInteger(number) || number < 0 || hashBytes?.length !== HASH_BYTES) {
    throw fail('the checkpoint is not a height and a hash');
  }
  const stateBytes = state === undefined ? undefined : fromHex(state);
  if (state !== undefined && stateBytes === undefined) throw fail('the state of the checkpoint is not hex');
  const anchor = new Anchor({
    number,
    hash: hashBytes,
    ...(stateBytes === undefined ? {} : { state: stateBytes }),
  });
  return {
    number,
    hasHash: true,
    stateAfter: (block) => {
      anchor.verify(number, block.hash);
      return readRlp(
        () => anchor.stateWith(consensus, block.header),
        (cause) => fail(`the state of the checkpoint cannot be decoded: ${cause.message}`, cause),
      );
    },
  };
}
