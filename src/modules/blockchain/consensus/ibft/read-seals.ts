import { bytesEqual, toHex } from '../../../../common/bytes.js';
import { addressOf } from '../../crypto/address.js';
import { blsVerifyAggregates } from '../../crypto/bls12-381.js';
import { BytesCache } from '../../crypto/bytes-cache.js';
import { isCanonicalSeal, recoverPublicKey } from '../../crypto/secp256k1.js';
import type { Rule } from '../../ports/rules.js';
import { RlpReader } from '../../rlp/rlp.js';
import { badSeal } from '../refusals.js';
import { type IbftExtra, type IbftValidator, isEmptySeals } from './extra.js';
import { type SealEvidence, signersOf } from './ibft-evidence.js';
import { committedSealDigest, proposalHash, proposerSealDigest } from './seal-digests.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type AggregateEvidence = Writable<Extract<SealEvidence, { kind: 'bls' }>>;

interface PendingAggregate {
  readonly evidence: AggregateEvidence;
  readonly publicKeys: readonly Uint8Array[];
  readonly setKey: string;
}

export interface SealedBlock {
  readonly hash: Uint8Array;
  readonly extra: IbftExtra;
  /** Of the set that the block claims. */
  readonly setKey: string;
}

/**
 * Reads the seals of consecutive blocks. ECDSA signers are recovered at once; a parent seal that equals a committed seal of
 * the parent is known without. Aggregates are collected and verified together at the end.
 */
export class SealReader {
  private readonly pending: PendingAggregate[] = [];
  private readonly signers = new Signers();
  private lastHash: Uint8Array | undefined;
  private lastMessage: Uint8Array | undefined;
  private lastSigners = new BytesCache<string>();
  private lastAggregate: AggregateEvidence | undefined;

  /** The address that sealed the proposal; undefined when the seal belongs to nobody. @throws {BlockchainError} BLOCKCHAIN.BAD_SEAL */
  proposer({ proposerSeal }: IbftExtra, hash: Uint8Array, number: number): string | undefined {
    const proposer = this.signers.recover(proposerSealDigest(hash), proposerSeal);
    if (proposer !== undefined) assertForm(proposerSeal, number);
    return proposer;
  }

  /** @throws {BlockchainError} BLOCKCHAIN.BAD_SEAL */
  committedSeals(block: SealedBlock & { readonly number: number; readonly bls: boolean }): SealEvidence {
    const { number, hash, extra, bls } = block;
    const message = committedSealDigest(proposalHash(hash, extra.round));
    if (isEmptySeals(extra.committedSeals)) {
      throw badSeal(number, 'ibft.committed-empty', 'empty committed seals');
    }
    const known = new BytesCache<string>();
    const evidence = bls
      ? this.aggregate(extra.committedSeals, message, block)
      : ecdsa(extra.committedSeals, message, {
          number,
          rule: 'ibft.committed-signature',
          known,
          signers: this.signers,
        });
    this.lastHash = hash;
    this.lastMessage = message;
    this.lastSigners = known;
    this.lastAggregate = evidence.kind === 'bls' ? evidence : undefined;
    return evidence;
  }

  /** @returns Undefined when there are none. @throws {BlockchainError} BLOCKCHAIN.BAD_SEAL */
  parentSeals(options: {
    readonly number: number;
    readonly item: Uint8Array;
    readonly parent: SealedBlock;
    readonly bls: boolean;
  }): SealEvidence | undefined {
    const { number, item, parent, bls } = options;
    if (isEmptySeals(item)) return undefined;
    const isLast = this.lastHash !== undefined && bytesEqual(this.lastHash, parent.hash);
    if (isLast && this.lastAggregate !== undefined && bytesEqual(item, parent.extra.committedSeals)) {
      return this.lastAggregate;
    }
    const known = isLast ? this.lastSigners : new BytesCache<string>();
    const message =
      (isLast ? this.lastMessage : undefined) ??
      committedSealDigest(proposalHash(parent.hash, parent.extra.round));
    if (bls) return this.aggregate(item, message, parent);
    return ecdsa(item, message, { number, rule: 'ibft.parent-signature', known, signers: this.signers });
  }

  /** Tells in each piece of evidence of an aggregate whether it holds. */
  verifyAggregates(): void {
    const held = blsVerifyAggregates(
      this.pending.map(({ publicKeys, evidence: { message, signature } }) => ({
        publicKeys,
        message,
        signature,
      })),
    );
    for (const [index, { evidence, setKey }] of this.pending.entries()) {
      evidence.holdsFor = held[index] ? setKey : undefined;
    }
    this.pending.length = 0;
  }

  private aggregate(
    item: Uint8Array,
    message: Uint8Array,
    { extra, setKey }: SealedBlock,
  ): AggregateEvidence {
    const seals = new RlpReader(item).readList();
    const bitmap = seals.readBytes().slice();
    const signature = seals.readBytes().slice();
    const evidence: AggregateEvidence = { kind: 'bls', bitmap, signature, message, holdsFor: undefined };
    const publicKeys = blsKeysOf(extra.validators, bitmap);
    if (publicKeys !== undefined) this.pending.push({ evidence, publicKeys, setKey });
    return evidence;
  }
}

/** The keys that a bitmap chooses; undefined when it chooses nobody, or somebody who is not there or has no key. */
export function blsKeysOf(set: readonly IbftValidator[], bitmap: Uint8Array): Uint8Array[] | undefined {
  const keys: Uint8Array[] = [];
  for (const position of signersOf(bitmap)) {
    const key = set[position]?.blsPublicKey;
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys.length === 0 ? undefined : keys;
}

interface EcdsaContext {
  readonly number: number;
  readonly rule: Rule;
  /** Seal to signer, over the same message; filled. */
  readonly known: BytesCache<string>;
  readonly signers: Signers;
}

function ecdsa(
  item: Uint8Array,
  message: Uint8Array,
  { number, rule, known, signers: all }: EcdsaContext,
): SealEvidence {
  const reader = new RlpReader(item).readList();
  const signers: string[] = [];
  while (!reader.isAtEnd) {
    const seal = reader.readBytes();
    let signer = known.get(seal);
    if (signer === undefined) {
      signer = all.recover(message, seal);
      if (signer === undefined) throw badSeal(number, rule, 'invalid signature in seals');
      assertForm(seal, number);
      known.set(seal, signer);
    }
    signers.push(signer);
  }
  return { kind: 'ecdsa', signers };
}

/** Recovers signers; a public key that came up before is not hashed again. */
class Signers {
  private readonly addresses = new BytesCache<string>();

  /** 0x hex; undefined when the seal belongs to nobody. */
  recover(digest: Uint8Array, seal: Uint8Array): string | undefined {
    const publicKey = recoverPublicKey(digest, seal);
    if (publicKey === undefined) return undefined;
    let address = this.addresses.get(publicKey);
    if (address === undefined) {
      address = toHex(addressOf(publicKey));
      this.addresses.set(publicKey, address);
    }
    return address;
  }
}

function assertForm(seal: Uint8Array, number: number): void {
  if (!isCanonicalSeal(seal)) throw badSeal(number, 'ibft.seal-form', 'seal is not in its one form');
}
