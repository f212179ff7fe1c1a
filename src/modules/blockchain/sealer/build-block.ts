import { EMPTY_UNCLES_HASH, encodeBlock } from '../codec/block.codec.js';
import { emptySeals, IBFT_MIX_HASH, type IbftExtra, type IbftValidator } from '../consensus/ibft/extra.js';
import type { IbftSealKinds } from '../consensus/ibft/header-hash.js';
import { proposerSealDigest } from '../consensus/ibft/seal-digests.js';
import { type Candidate, voteFields } from '../consensus/ibft/votes.js';
import { sealHeader } from '../consensus/ibft/write-seals.js';
import { recoverAddress } from '../crypto/address.js';
import type { HashedHeader } from '../ports/consensus.port.js';
import type { Header } from '../ports/types.js';
import { EMPTY_TRIE_ROOT } from '../trie/trie.js';
import type { Turn } from './choose-turn.js';

const MS_PER_SECOND = 1_000;
/** Year 1, from where Go's `Time.Round` counts, in ms since the epoch. */
const GO_YEAR_ONE_MS = -62_135_596_800_000;
const BLOOM_BYTES = 256;
const IBFT_VANITY_BYTES = 32;
const NO_SEALS = emptySeals(false);

/** The block that another is to follow. */
export interface SealedParent extends HashedHeader {
  readonly extra: IbftExtra;
}

export interface BlockPlan {
  readonly parent: SealedParent;
  /** When the block is due, ms since the epoch; see {@link nextBlockTimeMs}. */
  readonly timeMs: number;
  /** In force at this height. */
  readonly set: readonly IbftValidator[];
  readonly kinds: IbftSealKinds;
  readonly turn: Turn;
  readonly vote?: Candidate | undefined;
}

/**
 * When the next block is due, ms since the epoch: one block time after its parent, or where that is past the next
 * multiple of the block time, so a pause is not made up for.
 * @see polygon-edge@597a0f3 consensus/ibft/consensus_backend.go calcHeaderTimestamp
 */
export function nextBlockTimeMs(
  parent: Pick<Header, 'timestamp'>,
  nowMs: number,
  blockTimeMs: number,
): number {
  const dueMs = Number(parent.timestamp) * MS_PER_SECOND + blockTimeMs;
  if (dueMs >= nowMs) return dueMs;
  const multiples = Math.floor((nowMs - GO_YEAR_ONE_MS) / blockTimeMs) + 1;
  return GO_YEAR_ONE_MS + multiples * blockTimeMs;
}

/**
 * The RLP of an empty block after `parent`, finalised by our validators; for IBFT PoA chains.
 * @see polygon-edge@597a0f3 consensus/ibft/consensus_backend.go buildBlock
 * @remarks Differs: the gas limit stays, whatever `blockGasTarget` is; base fee and bloom are always zero in Go, too.
 */
export function buildBlock({ parent, timeMs, set, kinds, turn, vote }: BlockPlan): Uint8Array {
  const { proposer, round, signers } = turn;
  const number = parent.header.number + 1;
  const proposal = {
    header: {
      parentHash: parent.hash,
      sha3Uncles: EMPTY_UNCLES_HASH,
      ...voteFields(vote),
      stateRoot: parent.header.stateRoot,
      txRoot: EMPTY_TRIE_ROOT,
      receiptsRoot: EMPTY_TRIE_ROOT,
      logsBloom: new Uint8Array(BLOOM_BYTES),
      difficulty: BigInt(number),
      number,
      gasLimit: parent.header.gasLimit,
      gasUsed: 0n,
      timestamp: BigInt(Math.floor(timeMs / MS_PER_SECOND)),
      mixHash: IBFT_MIX_HASH,
      baseFee: 0n,
    },
    extra: { vanity: new Uint8Array(IBFT_VANITY_BYTES), validators: set, parentSeals: sealsOf(parent) },
    kinds,
    round: BigInt(round),
  };
  return encodeBlock({ header: sealHeader(proposal, proposer, signers).header, transactions: [] });
}

/** Who proposed a block; undefined for genesis. */
export function proposerOf({ header, hash, extra }: SealedParent): Uint8Array | undefined {
  return header.number === 0 ? undefined : recoverAddress(proposerSealDigest(hash), extra.proposerSeal);
}

/** Genesis has none; the first block says so. */
function sealsOf({ header, extra }: SealedParent): Uint8Array {
  return header.number === 0 ? NO_SEALS : extra.committedSeals;
}
