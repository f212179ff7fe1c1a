import type { IbftValidator } from './extra.js';
import type { Candidate } from './votes.js';

/** Who sealed, as far as the bytes tell; addresses are lower-case 0x hex. Plain data: it crosses threads. */
export type SealEvidence =
  /** Each seal is a signature of its signer over the proposal. */
  | { readonly kind: 'ecdsa'; readonly signers: readonly string[] }
  | {
      readonly kind: 'bls';
      /** Big endian; bit i is the validator at i. */
      readonly bitmap: Uint8Array;
      readonly signature: Uint8Array;
      readonly message: Uint8Array;
      /** Whether the aggregate holds for the set with this key; undefined where that was not tried. */
      readonly holdsFor: string | undefined;
    };

/** What an IBFT header proves by itself. */
export interface IbftEvidence {
  readonly number: number;
  /** Key of the set that the header claims, and the set where it may be another than expected. */
  readonly claimedKey: string;
  readonly claimedSet?: readonly IbftValidator[];
  readonly proposer: string;
  /** Of the block before; undefined for genesis. */
  readonly lastProposer: string | undefined;
  readonly round: number;
  readonly committed: SealEvidence;
  /** Undefined where the header has no parent seals. */
  readonly parentSeals: SealEvidence | undefined;
  /** Where votes count. */
  readonly vote?: Candidate;
  /** Seconds; after the parent's on an honest chain. */
  readonly isLater: boolean;
}

/** Positions in the set whose bits are set, lowest first. */
export function signersOf(bitmap: Uint8Array): number[] {
  const positions: number[] = [];
  for (let at = 0; at < bitmap.length * 8; at++) {
    const byte = bitmap[bitmap.length - 1 - (at >> 3)] ?? 0;
    if ((byte >> (at & 7)) & 1) positions.push(at);
  }
  return positions;
}
