import { decodeIbftExtra, IBFT_MIX_HASH } from '../../../src/modules/blockchain/consensus/ibft/extra.js';
import {
  type IbftSealKinds,
  ibftHeaderHash,
} from '../../../src/modules/blockchain/consensus/ibft/header-hash.js';
import { proposerInTurn } from '../../../src/modules/blockchain/consensus/ibft/proposer-turn.js';
import { proposalHash } from '../../../src/modules/blockchain/consensus/ibft/seal-digests.js';
import { voteFields } from '../../../src/modules/blockchain/consensus/ibft/votes.js';
import { committedSeals, sealHeader } from '../../../src/modules/blockchain/consensus/ibft/write-seals.js';
import type { ValidatorType } from '../../../src/modules/blockchain/genesis/chain-config.js';
import type { Header } from '../../../src/modules/blockchain/ports/types.js';
import { type BlockOptions, type BuiltBlock, BuiltChain } from './built-chain.js';
import { type ForkPlan, ibftGenesisText } from './ibft-genesis.js';
import { asValidator, type SealKey, testKeys } from './keys.js';
import { type Cast, forkAt, TrueSet } from './true-set.js';

export interface IbftChainOptions {
  /** How many, or their keys; 4. */
  readonly validators?: number | readonly SealKey[];
  readonly type?: ValidatorType;
  readonly pos?: boolean;
  /** In place of `type` and `pos`. */
  readonly forks?: readonly ForkPlan[];
  readonly chainId?: number;
  readonly epochSize?: number;
  readonly quorumSizeBlockNum?: number;
  readonly blockTimeMs?: number;
  readonly gasLimit?: bigint;
}

export interface IbftBlockOptions extends BlockOptions {
  /** Whose turn it is, unless told. */
  readonly proposer?: SealKey;
  /** 0; `none` as old clients wrote blocks. */
  readonly round?: number | 'none';
  /** Who commits: all, that many from the proposer on, or these. */
  readonly signers?: number | readonly SealKey[];
  readonly vote?: Cast['vote'];
  /** The parent's, none, those of no more than a quorum, those of these signers, or this RLP item. */
  readonly parentSeals?: 'copy' | 'empty' | 'subset' | readonly SealKey[] | Uint8Array;
  /** What the extra claims in place of the set in force. */
  readonly claimedSet?: readonly SealKey[];
  /** On PoS: the set from this block on. */
  readonly set?: readonly SealKey[];
}

const NO_SEALS = Uint8Array.of(0xc0);
const VANITY = new Uint8Array(32);

/** An IBFT chain; it follows the true set by a model of its own. */
export class IbftChain extends BuiltChain {
  private trueSet: TrueSet;

  constructor(
    genesisText: string,
    private readonly genesisSet: readonly SealKey[],
    private readonly forks: readonly ForkPlan[],
  ) {
    super(genesisText);
    this.trueSet = new TrueSet(this.config, genesisSet, forks);
  }

  /** Validators in force at a height, at most one above the head. */
  setAt(number: number): readonly SealKey[] {
    return this.trueSet.at(number);
  }

  /** Who seals the next block. */
  get set(): readonly SealKey[] {
    return this.setAt(this.height + 1);
  }

  /** The votes that count after the head, sorted: `voter>candidate+` or `…-`. */
  get votes(): string[] {
    return this.trueSet.votes();
  }

  proposerAt(number: number): SealKey | undefined {
    return this.trueSet.proposerAt(number);
  }

  /** A key that is in no set yet. */
  newKey(index = 0): SealKey {
    const [key] = testKeys(1, 'newcomer', index);
    if (key === undefined) throw new Error('no key');
    return key;
  }

  seal(options: IbftBlockOptions = {}): BuiltBlock {
    const number = this.height + 1;
    if (options.set !== undefined) this.trueSet.decide(number, options.set);
    const set = this.set;
    const kinds = this.kindsAt(number);
    const { round = 0, vote, claimedSet = set } = options;
    const proposer = options.proposer ?? this.inTurn(round === 'none' ? 0 : round);
    const candidate = vote && { ...vote, candidate: asValidator(vote.candidate, kinds.bls) };
    const draft = this.draft(options, {
      ...voteFields(candidate),
      mixHash: IBFT_MIX_HASH,
      difficulty: BigInt(number),
      baseFee: 0n,
    });
    const sealed = sealHeader(
      {
        header: draft,
        extra: {
          vanity: VANITY,
          validators: validatorsOf(claimedSet, kinds.bls),
          parentSeals: this.parentSeals(options.parentSeals ?? 'copy'),
        },
        kinds,
        round: round === 'none' ? undefined : BigInt(round),
      },
      proposer,
      this.signers(options.signers ?? set.length, set.indexOf(proposer)),
      set,
    );
    const block = this.append(sealed, options);
    this.trueSet.record({ proposer, vote });
    return block;
  }

  fork(at: number): IbftChain {
    const copy = new IbftChain(this.genesisText, this.genesisSet, this.forks);
    copy.copyFrom(this, at);
    copy.trueSet = this.trueSet.fork(at);
    return copy;
  }

  /** @see polygon-edge@597a0f3 consensus/ibft/ibft.go quorumSize; live nodes gather floor(2N/3)+1 */
  static liveQuorum(count: number): number {
    return Math.floor((2 * count) / 3) + 1;
  }

  protected headerHash(header: Header): Uint8Array {
    return ibftHeaderHash(header, this.kindsAt(header.number));
  }

  private inTurn(round: number): SealKey {
    const last = this.proposerAt(this.height)?.address;
    const proposer = proposerInTurn(this.set, last, round);
    if (proposer === undefined) throw new Error('the set is empty');
    return proposer;
  }

  private signers(wanted: number | readonly SealKey[], from: number): readonly SealKey[] {
    if (typeof wanted !== 'number') return wanted;
    const start = Math.max(from, 0);
    return [...this.set.slice(start), ...this.set.slice(0, start)].slice(0, wanted);
  }

  private parentSeals(wanted: NonNullable<IbftBlockOptions['parentSeals']>): Uint8Array {
    if (wanted instanceof Uint8Array) return wanted;
    const { number, extraData } = this.head.header;
    if (number === 0 || wanted === 'empty') return NO_SEALS;
    const kinds = this.kindsAt(number);
    const parent = decodeIbftExtra(extraData, { ...kinds, number });
    if (wanted === 'copy') return parent.committedSeals;
    const set = this.setAt(number);
    const signers = wanted === 'subset' ? set.slice(-IbftChain.liveQuorum(set.length)) : wanted;
    return committedSeals(proposalHash(this.head.hash, parent.round), kinds.bls, signers, set);
  }

  private kindsAt(number: number): IbftSealKinds {
    const bls = this.isBls(number);
    return { bls, parentBls: number > 1 ? this.isBls(number - 1) : bls };
  }

  private isBls(number: number): boolean {
    return forkAt(this.config, number).validatorType === 'bls';
  }
}

const validatorsOf = (keys: readonly SealKey[], bls: boolean) => keys.map((key) => asValidator(key, bls));

/** An IBFT chain at genesis: PoA with 4 ECDSA validators unless told. */
export function ibftChain(options: IbftChainOptions = {}): IbftChain {
  const { validators = 4, type = 'ecdsa', pos = false, epochSize = 100_000 } = options;
  const set = typeof validators === 'number' ? testKeys(validators) : validators;
  const forks = options.forks ?? [{ type: pos ? 'PoS' : 'PoA', validatorType: type, from: 0 }];
  const text = ibftGenesisText({
    chainId: options.chainId ?? 7_331,
    epochSize,
    blockTimeMs: options.blockTimeMs ?? 2_000,
    gasLimit: options.gasLimit ?? 5_242_880n,
    quorumSizeBlockNum: options.quorumSizeBlockNum ?? 0,
    validators: set,
    forks,
  });
  return new IbftChain(text, set, forks);
}
