import { bytesEqual, toHex } from '../../../common/bytes.js';
import { BlockchainError } from '../blockchain.errors.js';
import type { Consensus, EngineState } from '../ports/consensus.port.js';
import type { Header } from '../ports/types.js';
import { readRlp } from '../rlp/rlp.js';

export interface AnchorFields {
  readonly number: number;
  readonly hash: Uint8Array;
  /** The engine's state after the block, encoded; without it the header must tell. */
  readonly state?: Uint8Array;
  /** Of the chain's block 0: where the file cannot tell it, no peer need be believed. */
  readonly genesisHash?: Uint8Array;
}

/** A block that the operator vouches for: the chain goes through it, and may begin with it. */
export class Anchor {
  readonly number: number;
  readonly hash: Uint8Array;
  private readonly state: Uint8Array | undefined;
  private readonly genesisHash: Uint8Array | undefined;

  constructor({ number, hash, state, genesisHash }: AnchorFields) {
    this.number = number;
    this.hash = hash;
    this.state = state;
    this.genesisHash = genesisHash;
  }

  /** Whether a chain can begin with the block; else it begins with genesis and must come to this one. */
  canBegin(consensus: Consensus): boolean {
    return this.state !== undefined || consensus.tellsState(this.number);
  }

  /** @throws {BlockchainError} BLOCKCHAIN.ANCHOR_MISMATCH when another block has the anchor's height */
  verify(number: number, hash: Uint8Array): void {
    if (number !== this.number || bytesEqual(hash, this.hash)) return;
    const reason = `has the hash ${toHex(hash)}, the checkpoint has ${toHex(this.hash)}`;
    throw new BlockchainError({ code: 'BLOCKCHAIN.ANCHOR_MISMATCH', number, reason });
  }

  /** Whether the operator vouches for this block 0. @throws {BlockchainError} BLOCKCHAIN.ANCHOR_MISMATCH when for another */
  vouchesForGenesis(hash: Uint8Array): boolean {
    if (this.genesisHash === undefined) return false;
    if (bytesEqual(hash, this.genesisHash)) return true;
    const reason = `has the hash ${toHex(hash)}, the checkpoint's chain begins with ${toHex(this.genesisHash)}`;
    throw new BlockchainError({ code: 'BLOCKCHAIN.ANCHOR_MISMATCH', number: 0, reason });
  }

  /**
   * The state that the checkpoint says; undefined when it says none.
   * @throws {BlockchainError} BLOCKCHAIN.ANCHOR_MISMATCH when it is none of this engine
   */
  givenState(consensus: Consensus): EngineState | undefined {
    const { state, number } = this;
    if (state === undefined) return undefined;
    return readRlp(
      () => consensus.decodeState(state),
      (cause) => {
        const reason = `the validator set given with the checkpoint cannot be decoded: ${cause.message}`;
        return new BlockchainError({ code: 'BLOCKCHAIN.ANCHOR_MISMATCH', number, reason }, cause);
      },
    );
  }

  /**
   * What the engine knows after the anchor's block.
   * @throws {BlockchainError} BLOCKCHAIN.ANCHOR_MISMATCH when the checkpoint does not say it and the header cannot
   */
  stateWith(consensus: Consensus, header: Header): EngineState {
    const state = this.givenState(consensus) ?? consensus.stateAfterCheckpoint(header);
    if (state !== undefined) return state;
    const reason = 'the validator set after this height is not in its header: give it with the checkpoint';
    throw new BlockchainError({ code: 'BLOCKCHAIN.ANCHOR_MISMATCH', number: this.number, reason });
  }
}
