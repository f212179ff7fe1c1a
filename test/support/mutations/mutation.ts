import { type NestedUint8Array, RLP } from '@ethereumjs/rlp';
import { concatBytes } from '../../../src/common/bytes.js';
import type { BlockchainErrorDetail } from '../../../src/modules/blockchain/blockchain.errors.js';
import { encodeBlock } from '../../../src/modules/blockchain/codec/block.codec.js';
import { decodeIbftExtra, type IbftExtra } from '../../../src/modules/blockchain/consensus/ibft/extra.js';
import { ibftForkAt } from '../../../src/modules/blockchain/genesis/chain-config.js';
import type { Rule } from '../../../src/modules/blockchain/ports/rules.js';
import type { Block, Header } from '../../../src/modules/blockchain/ports/types.js';
import { itemAt, type VerifiedChain } from '../verified-chain.js';

/** What validators and votes are like at a height. */
export type Kind = 'poa-ecdsa' | 'poa-bls' | 'pos' | 'polybft' | 'plain';

/** An RLP item, decoded by another implementation. */
export type Item = Uint8Array | NestedUint8Array;
export type Items = NestedUint8Array;

export interface Refusal {
  readonly code: BlockchainErrorDetail['code'];
  readonly rule?: Rule;
  /** Which block is named, counted from the one that is changed; 0. */
  readonly at?: number;
}

/** One kind of change that a peer may make to honest blocks. */
export interface Mutation {
  readonly name: string;
  /** What refuses it, where it applies; one of these. */
  readonly refused: Partial<Record<Kind, Refusal | readonly Refusal[]>>;
  /** The changed block, which its honest child then follows, or all blocks from its height on; undefined where it cannot be made. */
  readonly mutate: (target: Target) => Uint8Array | readonly Uint8Array[] | undefined;
}

const VANITY_BYTES = 32;

/** An honest block that is to be changed. */
export class Target {
  readonly block: Block;
  readonly header: Header;
  readonly parent: Header;
  readonly kind: Kind;

  constructor(
    readonly chain: VerifiedChain,
    readonly number: number,
  ) {
    this.block = chain.blockAt(number);
    this.header = this.block.header;
    this.parent = chain.blockAt(number - 1).header;
    this.kind = this.kindAt(number);
  }

  get raw(): Uint8Array {
    return this.block.raw;
  }

  /** Its child as it came; undefined at the head. */
  get child(): Uint8Array | undefined {
    return this.chain.raws[this.number + 1];
  }

  get isVote(): boolean {
    const { engine } = this.chain.config;
    if (engine.name !== 'ibft' || this.kind === 'pos' || this.number % engine.epochSize === 0) return false;
    return this.header.miner.some((byte) => byte !== 0);
  }

  /** Of an IBFT block. */
  get extra(): IbftExtra {
    return this.extraAt(this.number);
  }

  extraAt(number: number): IbftExtra {
    const isBls = (at: number) => ['poa-bls', 'pos'].includes(this.kindAt(at));
    const kinds = { bls: isBls(number), parentBls: isBls(Math.max(number - 1, 1)) };
    return decodeIbftExtra(this.chain.blockAt(number).header.extraData, { ...kinds, number });
  }

  withHeader(change: Partial<Header>): Uint8Array {
    return encodeBlock({ ...this.block, header: { ...this.header, ...change } });
  }

  /** Committed seals of an IBFT block of the same kind near by, decoded; undefined where there is none. */
  committedAt(number: number): Items | undefined {
    if (number < 1 || number > this.chain.height || this.kindAt(number) !== this.kind) return undefined;
    return RLP.decode(this.extraAt(number).committedSeals) as Items;
  }

  /** With items of the extra changed in place; undefined where `change` gives false. */
  withExtra(change: (items: Items) => unknown): Uint8Array | undefined {
    const { extraData } = this.header;
    const items = RLP.decode(extraData.subarray(VANITY_BYTES)) as Items;
    if (change(items) === false) return undefined;
    return this.withHeader({
      extraData: concatBytes([extraData.subarray(0, VANITY_BYTES), RLP.encode(items)]),
    });
  }

  /** With items of the block changed in place; undefined where `change` gives false. */
  withItems(change: (items: Items) => unknown): Uint8Array | undefined {
    const items = RLP.decode(this.raw) as Items;
    return change(items) === false ? undefined : RLP.encode(items);
  }

  kindAt(number: number): Kind {
    const { engine } = this.chain.config;
    if (engine.name === 'polybft') return 'polybft';
    if (engine.name !== 'ibft') return 'plain';
    const fork = ibftForkAt(engine.forks, number);
    if (fork?.type === 'PoS') return 'pos';
    return fork?.validatorType === 'bls' ? 'poa-bls' : 'poa-ecdsa';
  }
}

export const IBFT_KINDS = ['poa-ecdsa', 'poa-bls', 'pos'] as const;
export const SEALED_KINDS = [...IBFT_KINDS, 'polybft'] as const;
export const ALL_KINDS = [...SEALED_KINDS, 'plain'] as const;

export function on<K extends Kind>(kinds: readonly K[], refusal: Refusal | readonly Refusal[]) {
  return Object.fromEntries(kinds.map((kind) => [kind, refusal])) as Record<K, typeof refusal>;
}

export const badHeader = (rule: Rule): Refusal => ({ code: 'BLOCKCHAIN.BAD_HEADER', rule });
export const badBody = (rule: Rule): Refusal => ({ code: 'BLOCKCHAIN.BAD_BODY', rule });
export const badSeal = (rule: Rule): Refusal => ({ code: 'BLOCKCHAIN.BAD_SEAL', rule });
export const anomaly = (rule: Rule): Refusal => ({ code: 'BLOCKCHAIN.ANOMALY', rule });
export const BAD_EXTRA: Refusal = { code: 'BLOCKCHAIN.BAD_EXTRA' };
export const NOT_CANONICAL: Refusal = { code: 'BLOCKCHAIN.NOT_CANONICAL' };
export const UNDECODABLE: Refusal = { code: 'BLOCKCHAIN.UNDECODABLE' };
export const unknownParent = (at = 0): Refusal => ({ code: 'BLOCKCHAIN.UNKNOWN_PARENT', at });

/** A change of what the hash covers: the seals are no longer over it; without seals, the child no longer follows. */
export const OTHER_HASH = {
  ...on(IBFT_KINDS, badSeal('ibft.proposer-member')),
  polybft: badSeal('polybft.committed-aggregate'),
  plain: unknownParent(1),
};

/** A list inside an item. */
export function listAt(items: Items, ...path: number[]): Items {
  return path.reduce((list, index) => itemAt(list, index) as Items, items);
}

/** A string inside an item. */
export function bytesAt(items: Items, ...path: number[]): Uint8Array {
  const parents = path.slice(0, -1);
  return itemAt(listAt(items, ...parents), path.at(-1) ?? 0) as Uint8Array;
}

/** A copy with one bit turned; the last of its bits unless told. */
export function flipped(bytes: Uint8Array, at = bytes.length - 1, bit = 1): Uint8Array {
  return bytes.with(at, (bytes[at] ?? 0) ^ bit);
}

/** An unsigned integer as RLP has it, or of `length` bytes. */
export function uintBytes(value: bigint, length = 0): Uint8Array {
  const hex = value === 0n ? '' : value.toString(16);
  return new Uint8Array(
    Buffer.from(hex.padStart(Math.max(2 * length, hex.length + (hex.length % 2)), '0'), 'hex'),
  );
}

export function bigOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
