import { EMPTY_UNCLES_HASH, encodeBlock } from '../codec/block.codec.js';
import { decodeIbftExtra, initialIbftExtra } from '../consensus/ibft/extra.js';
import { IBFT_MIX_HASH } from '../consensus/ibft/ibft-consensus.js';
import { writeCommittedSeal, writeProposerSeal } from '../consensus/ibft/seals.js';
import { addressOf } from '../crypto/address.js';
import { publicKeyOf } from '../crypto/secp256k1.js';
import type { Header } from '../ports/types.js';
import { EMPTY_TRIE_ROOT } from '../trie/trie.js';

const MS_PER_SECOND = 1_000;
/** Year 1, from where Go's `Time.Round` counts, in ms since the epoch. */
const GO_YEAR_ONE_MS = -62_135_596_800_000;
const ADDRESS_BYTES = 20;
const BLOOM_BYTES = 256;
const NONCE_BYTES = 8;
const FIRST_ROUND = 0n;

export interface BlockPlan {
  readonly parent: Header;
  readonly parentHash: Uint8Array;
  /** When the block is due, ms since the epoch; see {@link nextBlockTimeMs}. */
  readonly timeMs: number;
  /** Key of the chain's one validator. */
  readonly validatorKey: Uint8Array;
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
 * The RLP of an empty block after `parent`, finalised in round 0 by the only validator of an IBFT PoA chain with ECDSA
 * validators.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA when the parent's extra data cannot be decoded
 * @see polygon-edge@597a0f3 consensus/ibft/consensus_backend.go buildBlock
 * @remarks Differs: the gas limit stays, whatever `blockGasTarget` is; base fee and bloom are always zero in Go, too.
 */
export function buildBlock({ parent, parentHash, timeMs, validatorKey }: BlockPlan): Uint8Array {
  const number = parent.number + 1;
  const draft: Header = {
    parentHash,
    sha3Uncles: EMPTY_UNCLES_HASH,
    miner: new Uint8Array(ADDRESS_BYTES),
    stateRoot: parent.stateRoot,
    txRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: new Uint8Array(BLOOM_BYTES),
    difficulty: BigInt(number),
    number,
    gasLimit: parent.gasLimit,
    gasUsed: 0n,
    timestamp: BigInt(Math.floor(timeMs / MS_PER_SECOND)),
    extraData: initialIbftExtra(
      [{ address: addressOf(publicKeyOf(validatorKey, false)) }],
      'ecdsa',
      sealsOf(parent),
    ),
    mixHash: IBFT_MIX_HASH,
    nonce: new Uint8Array(NONCE_BYTES),
    baseFee: 0n,
  };
  const proposed = writeProposerSeal(draft, validatorKey);
  return encodeBlock({ header: writeCommittedSeal(proposed, FIRST_ROUND, validatorKey), transactions: [] });
}

/**
 * The address that makes the block after `parent` alone; undefined when the set has more validators, or when `parent`
 * holds a vote, which may have changed it. For chains of ECDSA validators.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA
 */
export function soleValidator(
  parent: Pick<Header, 'number' | 'miner' | 'extraData'>,
): Uint8Array | undefined {
  const { validators } = extraOf(parent);
  // Genesis has no vote: its miner is the file's coinbase.
  const isVote = parent.number > 0 && parent.miner.some((byte) => byte !== 0);
  return validators.length === 1 && !isVote ? validators[0]?.address : undefined;
}

/** Genesis has none; the first block says so. */
function sealsOf(parent: Header): Uint8Array | undefined {
  return parent.number === 0 ? undefined : extraOf(parent).committedSeals;
}

function extraOf({ number, extraData }: Pick<Header, 'number' | 'extraData'>) {
  return decodeIbftExtra(extraData, { number, bls: false, parentBls: false });
}
