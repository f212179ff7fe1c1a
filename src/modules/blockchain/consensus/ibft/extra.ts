import { asciiBytes, bigEndian, bytesEqual, concatBytes, toHex } from '../../../../common/bytes.js';
import { BlockchainError } from '../../blockchain.errors.js';
import type { ValidatorType } from '../../genesis/chain-config.js';
import { encodeBytes, encodeList, RlpError, RlpReader, readRlp } from '../../rlp/rlp.js';

/** Bytes before the RLP, free for the proposer. */
const IBFT_VANITY_BYTES = 32;

/**
 * The mixHash of every IBFT block: "ctical byzantine fault tolerance".
 * @see polygon-edge@597a0f3 consensus/ibft/signer/extra.go IstanbulDigest
 */
export const IBFT_MIX_HASH = asciiBytes('ctical byzantine fault tolerance');

const ADDRESS_BYTES = 20;
const ROUND_BYTES = 8;
const EMPTY_STRING = Uint8Array.of(0x80);
const EMPTY_LIST = Uint8Array.of(0xc0);
const EMPTY_AGGREGATE = encodeList([EMPTY_STRING, EMPTY_STRING]);

export interface IbftValidator {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** Compressed G1 point, on chains with BLS validators. */
  readonly blsPublicKey?: Uint8Array;
}

/** What an IBFT header's extra data holds. */
export interface IbftExtra {
  /** 32 bytes. */
  readonly vanity: Uint8Array;
  /** The set that the proposer claims; nobody compares it with the votes on sync. */
  readonly validators: readonly IbftValidator[];
  /** The same as the RLP item that it stands in; where it is missing, `validators` is encoded. */
  readonly rawValidators?: Uint8Array;
  /** r‖s‖v; empty in genesis and before the proposer has signed. */
  readonly proposerSeal: Uint8Array;
  /** The RLP item as it stands: a list of ECDSA seals, or [bitmap, aggregate]. */
  readonly committedSeals: Uint8Array;
  /** The same for the block before; `c0` where the extra has none. */
  readonly parentSeals: Uint8Array;
  /** Absent in genesis and in blocks of old clients. */
  readonly round?: bigint;
}

/** What the decoder must know beside the bytes. */
export interface IbftExtraContext {
  /** Height of the header: parent seals are read from block 2 on. */
  readonly number: number;
  /** Whether validators at this height have BLS keys. */
  readonly bls: boolean;
  /** The same for the height before: parent seals follow it. */
  readonly parentBls: boolean;
}

/** What an extra holds in place of committed seals. @see polygon-edge@597a0f3 consensus/ibft/signer/key_manager.go NewEmptyCommittedSeals */
export function emptySeals(bls: boolean): Uint8Array {
  return bls ? EMPTY_AGGREGATE : EMPTY_LIST;
}

/**
 * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA
 * @remarks Differs: Go drops what it does not know (items after the fifth, a longer BLS item, leading zeros in a
 * bitmap, parent seals before block 2) and hashes the rest. Such bytes would have the hash of honest ones, so they are
 * refused. Rounds of 1 to 7 bytes and an empty BLS parent item make Go panic.
 * @see polygon-edge@597a0f3 consensus/ibft/signer/extra.go IstanbulExtra.UnmarshalRLPFrom
 */
export function decodeIbftExtra(extra: Uint8Array, context: IbftExtraContext): IbftExtra {
  const fail = (reason: string, cause?: unknown) =>
    new BlockchainError({ code: 'BLOCKCHAIN.BAD_EXTRA', number: context.number, reason }, cause);
  if (extra.length < IBFT_VANITY_BYTES) {
    throw fail(
      `wrong extra size, expected greater than or equal to ${IBFT_VANITY_BYTES} but actual ${extra.length}`,
    );
  }
  const read = (): IbftExtra => {
    const outer = new RlpReader(extra, IBFT_VANITY_BYTES);
    const fields = readItems(outer.readList(), context);
    outer.expectEnd('extra');
    return { vanity: extra.subarray(0, IBFT_VANITY_BYTES), ...fields };
  };
  return readRlp(read, (cause) => fail(`invalid extra: ${cause.message}`, cause));
}

function readItems(items: RlpReader, context: IbftExtraContext): Omit<IbftExtra, 'vanity'> {
  const start = items.offset;
  const validators = readValidators(items.readList(), context.bls);
  const rawValidators = items.since(start);
  const proposerSeal = items.readBytes();
  const committedSeals = readSeals(items, context.bls);
  const parentSeals = items.isAtEnd ? EMPTY_LIST : readParentSeals(items, context);
  if (context.number > 1 && context.parentBls && parentSeals.length === 1) {
    throw new RlpError('malformed', 'parent seals without a bitmap');
  }
  const round = items.isAtEnd ? undefined : readRound(items);
  items.expectEnd('extra');
  return {
    ...{ validators, rawValidators, proposerSeal, committedSeals, parentSeals },
    ...(round === undefined ? {} : { round }),
  };
}

/**
 * All items of a list of validators; of the kind `bls` says, of either kind without it.
 * @throws {RlpError}
 */
export function readValidators(items: RlpReader, bls?: boolean): IbftValidator[] {
  const validators: IbftValidator[] = [];
  while (!items.isAtEnd) {
    validators.push(
      (bls ?? items.nextIsList) ? readBlsValidator(items) : { address: items.readFixed(ADDRESS_BYTES) },
    );
  }
  return validators;
}

/** RLP of a list of validators. */
export function encodeValidators(validators: readonly IbftValidator[]): Uint8Array {
  return encodeList(
    validators.map(({ address, blsPublicKey }) =>
      blsPublicKey === undefined
        ? encodeBytes(address)
        : encodeList([encodeBytes(address), encodeBytes(blsPublicKey)]),
    ),
  );
}

function readBlsValidator(items: RlpReader): IbftValidator {
  const fields = items.readList();
  const validator = { address: fields.readFixed(ADDRESS_BYTES), blsPublicKey: fields.readBytes() };
  fields.expectEnd('validator');
  return validator;
}

/** Checks the shape and gives the item as it stands. */
function readSeals(items: RlpReader, bls: boolean): Uint8Array {
  const item = items.readRaw();
  const seals = new RlpReader(item).readList();
  if (!bls) {
    while (!seals.isAtEnd) seals.readBytes();
    if (bytesEqual(item, EMPTY_AGGREGATE)) throw new RlpError('malformed', 'an aggregate among ECDSA seals');
  } else if (!seals.isAtEnd) {
    const bitmap = seals.readBytes();
    const signature = seals.readBytes();
    if (bitmap[0] === 0) throw new RlpError('not canonical', 'bitmap with leading zeros');
    if (bitmap.length === 0 && signature.length > 0)
      throw new RlpError('not canonical', 'signature without signers');
    seals.expectEnd('aggregated seal');
  }
  return item;
}

function readParentSeals(items: RlpReader, { number, parentBls }: IbftExtraContext): Uint8Array {
  if (number > 1) return readSeals(items, parentBls);
  const item = items.readRaw();
  if (!isEmptySeals(item)) throw new RlpError('not canonical', 'parent seals before block 2');
  return item;
}

function readRound(items: RlpReader): bigint | undefined {
  const bytes = items.readBytes();
  if (bytes.length === 0) return undefined;
  if (bytes.length > ROUND_BYTES) throw new RlpError('malformed', 'round number is out of range for 64bit');
  if (bytes.length < ROUND_BYTES) throw new RlpError('malformed', `round of ${bytes.length} bytes`);
  return BigInt(toHex(bytes));
}

/** Whether an item of seals names no signer, in the form of either kind. */
export function isEmptySeals(item: Uint8Array): boolean {
  return bytesEqual(item, EMPTY_LIST) || bytesEqual(item, EMPTY_AGGREGATE);
}

/** Always five items. @see polygon-edge@597a0f3 consensus/ibft/signer/extra.go IstanbulExtra.MarshalRLPWith */
export function encodeIbftExtra(extra: IbftExtra): Uint8Array {
  const items = [
    encodeValidators(extra.validators),
    encodeBytes(extra.proposerSeal),
    extra.committedSeals,
    extra.parentSeals,
    extra.round === undefined ? EMPTY_STRING : encodeBytes(encodeRound(extra.round)),
  ];
  return concatBytes([extra.vanity, encodeList(items)]);
}

/** 8 bytes, big endian: how a round stands in the extra and in the signed proposal. */
export function encodeRound(round: bigint): Uint8Array {
  return bigEndian(round, ROUND_BYTES);
}

/** The extra of genesis, or of a block that nobody has signed yet. `parentSeals` from the block before, if it has any. */
export function initialIbftExtra(
  validators: readonly IbftValidator[],
  type: ValidatorType,
  parentSeals: Uint8Array = EMPTY_LIST,
): Uint8Array {
  return encodeIbftExtra({
    vanity: new Uint8Array(IBFT_VANITY_BYTES),
    validators,
    proposerSeal: new Uint8Array(),
    committedSeals: emptySeals(type === 'bls'),
    parentSeals,
  });
}
