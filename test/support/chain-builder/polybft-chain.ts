import { bytesEqual, toHex } from '../../../src/common/bytes.js';
import { polybftHeaderHash } from '../../../src/modules/blockchain/consensus/polybft/header-hash.js';
import { prepareBn254 } from '../../../src/modules/blockchain/crypto/bn254.js';
import { headerWithStateRoot } from '../../../src/modules/blockchain/genesis/genesis-header.js';
import { parseGenesis } from '../../../src/modules/blockchain/genesis/parse-genesis.js';
import type { Header } from '../../../src/modules/blockchain/ports/types.js';
import { type BlockOptions, type BuiltBlock, BuiltChain } from './built-chain.js';
import {
  type Checkpoint,
  checkpointHash,
  EMPTY_ITEM,
  type ExtraItems,
  encodeCheckpoint,
  encodeDelta,
  encodeExtra,
  encodeSignature,
  type SetDelta,
  validatorsHash,
} from './polybft-extra.js';
import { GENESIS_STATE_ROOT, type PolybftGenesisPlan, polybftGenesisText } from './polybft-genesis.js';
import { type PolybftKey, polybftKeys, signTogether } from './polybft-keys.js';

export interface PolybftChainOptions extends Partial<Omit<PolybftGenesisPlan, 'validators'>> {
  /** Their voting powers, or their keys; five of 1. */
  readonly validators?: readonly bigint[] | readonly PolybftKey[];
}

export interface PolybftBlockOptions extends BlockOptions {
  readonly proposer?: PolybftKey;
  /** Who commits; all unless told. */
  readonly signers?: readonly PolybftKey[];
  /** The parent's signature as it is stored, or made anew by these, or this RLP item. */
  readonly parentSignature?: 'copy' | readonly PolybftKey[] | Uint8Array;
  /** The change of the set; an empty one in the last block of an epoch unless told, none elsewhere. */
  readonly delta?: SetDelta<PolybftKey>;
  /** In place of what is right; before it is signed. */
  readonly checkpoint?: Partial<Checkpoint>;
  /** What the header follows from; after the checkpoint is made, before it is signed. `committed` is then left as given. */
  readonly extra?: Partial<ExtraItems>;
  readonly baseFee?: bigint;
}

/** What signs a block, kept for its child. */
interface Signed {
  readonly message: Uint8Array;
  readonly committed: Uint8Array;
}

const NO_NONCE = new Uint8Array(8);
const NO_HASH = new Uint8Array(32);
const MIX_HASH = new Uint8Array(
  Buffer.from('adce6e5230abe012342a44e4e9b6d05997d6f015387ae0e59be924afc7ec70c1', 'hex'),
);

/** A PolyBFT chain; it follows the true set by a model of its own. */
export class PolybftChain extends BuiltChain {
  /** By height: the set that seals the block there. */
  private readonly sets: (readonly PolybftKey[])[];
  private readonly signed: (Signed | undefined)[] = [undefined];

  constructor(private readonly plan: PolybftGenesisPlan) {
    const text = polybftGenesisText(plan);
    super(text, headerWithStateRoot(parseGenesis(text), GENESIS_STATE_ROOT));
    this.sets = [[], plan.validators];
  }

  /** Validators in force at a height, at most one above the head. */
  setAt(number: number): readonly PolybftKey[] {
    const set = this.sets[number];
    if (set === undefined) throw new Error(`the set at ${number} is not known yet`);
    return set;
  }

  get set(): readonly PolybftKey[] {
    return this.setAt(this.height + 1);
  }

  /** A key that is in no set yet. */
  newKey(index = 0, votingPower = 1n): PolybftKey {
    const [key] = polybftKeys([votingPower], 'newcomer', index);
    if (key === undefined) throw new Error('no key');
    return key;
  }

  isEpochEnd(number: number): boolean {
    return number % this.plan.epochSize === 0;
  }

  seal(options: PolybftBlockOptions = {}): BuiltBlock {
    const number = this.height + 1;
    const set = this.set;
    const isEnd = this.isEpochEnd(number);
    const { delta = isEnd ? {} : undefined, proposer = set[number % set.length], signers = set } = options;
    const next = isEnd && delta !== undefined ? applied(set, delta) : set;
    const checkpoint: Checkpoint = {
      blockRound: 0n,
      epochNumber: BigInt(Math.floor((number - 1) / this.plan.epochSize) + 1),
      currentValidatorsHash: validatorsHash(set),
      nextValidatorsHash: validatorsHash(next),
      eventRoot: NO_HASH,
      ...options.checkpoint,
    };
    const items = {
      validators: delta === undefined ? EMPTY_ITEM : encodeDelta(delta),
      parent: this.parentSignature(options.parentSignature ?? 'copy'),
      committed: EMPTY_ITEM,
      checkpoint: encodeCheckpoint(checkpoint),
      ...options.extra,
    };
    const draft = this.draft(options, {
      miner: proposer?.address ?? new Uint8Array(20),
      nonce: NO_NONCE,
      mixHash: MIX_HASH,
      difficulty: 1n,
      baseFee: options.baseFee ?? this.nextBaseFee(),
    });
    const hash = this.headerHash({ ...draft, extraData: encodeExtra(items) });
    const message = checkpointHash(this.config.chainId, number, hash, checkpoint);
    const committed = options.extra?.committed ?? signatureOf(signers, set, message);
    const header = { ...draft, extraData: encodeExtra({ ...items, committed }) };
    this.signed.push({ message, committed });
    this.sets.push(next);
    return this.append({ header, hash }, options);
  }

  fork(at: number): PolybftChain {
    const copy = new PolybftChain(this.plan);
    copy.copyFrom(this, at);
    for (let number = 1; number <= at; number++) {
      copy.signed.push(this.signed[number]);
      copy.sets[number + 1] = this.setAt(number + 1);
    }
    return copy;
  }

  /** @see polygon-edge@597a0f3 blockchain/blockchain.go CalculateBaseFee */
  nextBaseFee(): bigint {
    const { number, baseFee, gasLimit, gasUsed } = this.head.header;
    const { baseFeeEM, baseFeeChangeDenom } = this.plan;
    if (!this.config.forks.isActive('london', number)) return 0n;
    if (baseFee === 0n) return this.plan.baseFee || 1_000_000_000n;
    const target = gasLimit / baseFeeEM;
    const change = (distance: bigint) => (baseFee * distance) / target / baseFeeChangeDenom;
    if (gasUsed <= target) return baseFee - change(target - gasUsed);
    return baseFee + (change(gasUsed - target) || 1n);
  }

  protected headerHash(header: Header): Uint8Array {
    return polybftHeaderHash(header);
  }

  private parentSignature(wanted: NonNullable<PolybftBlockOptions['parentSignature']>): Uint8Array {
    if (wanted instanceof Uint8Array) return wanted;
    const parent = this.signed[this.height];
    if (parent === undefined) return EMPTY_ITEM;
    return wanted === 'copy'
      ? parent.committed
      : signatureOf(wanted, this.setAt(this.height), parent.message);
  }
}

function signatureOf(
  signers: readonly PolybftKey[],
  set: readonly PolybftKey[],
  message: Uint8Array,
): Uint8Array {
  const positions = signers.map((key) => set.findIndex((member) => bytesEqual(member.address, key.address)));
  return encodeSignature(signTogether(signers, message), positions);
}

/** The set after a change. @see polygon-edge@597a0f3 consensus/polybft/validator/validator_metadata.go ApplyDelta */
function applied(
  set: readonly PolybftKey[],
  { added = [], updated = [], removed = [] }: SetDelta<PolybftKey>,
): readonly PolybftKey[] {
  const changed = new Map(updated.map((key) => [toHex(key.address), key]));
  if (added.length + updated.length + removed.length === 0) return set;
  return [...set.filter((_, position) => !removed.includes(position)), ...added].map(
    (key) => changed.get(toHex(key.address)) ?? key,
  );
}

/** A PolyBFT chain at genesis, London active, epochs of 10 blocks. */
export async function polybftChain(options: PolybftChainOptions = {}): Promise<PolybftChain> {
  await prepareBn254();
  const { validators = [1n, 1n, 1n, 1n, 1n] } = options;
  const isPower = (member: bigint | PolybftKey): member is bigint => typeof member === 'bigint';
  const keys = validators.map((member, index) =>
    isPower(member) ? polybftKeys([member], 'polybft', index) : [member],
  );
  return new PolybftChain({
    chainId: 7_333,
    epochSize: 10,
    blockTimeMs: 2_000,
    gasLimit: 10_000_000n,
    baseFee: 1_000_000_000n,
    baseFeeEM: 2n,
    baseFeeChangeDenom: 8n,
    forks: { london: 0, quorumcalcalignment: 0, txHashWithType: 0 },
    givesStateRoot: true,
    ...options,
    validators: keys.flat(),
  });
}
