import { BlockchainError } from '../../blockchain.errors.js';
import { RlpError, RlpReader, readRlp } from '../../rlp/rlp.js';

/** Bytes before the RLP; zero in every block. */
export const POLYBFT_VANITY_BYTES = 32;

const ADDRESS_BYTES = 20;
const BLS_KEY_BYTES = 128;
const HASH_BYTES = 32;
const VOTING_POWER_BYTES = 32;
const EMPTY_LIST_BYTES = 1;

/** The four items of a PolyBFT extra, each as it stands; `c0` when absent. */
export interface PolybftExtra {
  /** The change of the validator set: [added, updated, bitmap of removed]. */
  readonly validators: Uint8Array;
  /** [aggregated signature, bitmap] over the parent. */
  readonly parent: Uint8Array;
  /** The same over this block; not part of its hash. */
  readonly committed: Uint8Array;
  /** [blockRound, epochNumber, currentValidatorsHash, nextValidatorsHash, eventRoot]. */
  readonly checkpoint: Uint8Array;
}

/**
 * Checks the shape of everything; BLS keys are not checked to be points.
 * @throws {BlockchainError} BLOCKCHAIN.BAD_EXTRA
 * @remarks Differs: Go pads or cuts addresses and hashes of a wrong length, and drops bytes behind the list. Such bytes
 * would have the hash of honest ones, so they are refused.
 * @see polygon-edge@597a0f3 consensus/polybft/extra.go Extra.UnmarshalRLPWith
 */
export function decodePolybftExtra(extra: Uint8Array, number: number): PolybftExtra {
  const fail = (reason: string, cause?: unknown) =>
    new BlockchainError({ code: 'BLOCKCHAIN.BAD_EXTRA', number, reason }, cause);
  if (extra.length < POLYBFT_VANITY_BYTES) {
    throw fail(`extra-data shorter than ${POLYBFT_VANITY_BYTES} bytes (${extra.length})`);
  }
  const read = (): PolybftExtra => {
    const outer = new RlpReader(extra, POLYBFT_VANITY_BYTES);
    const items = outer.readList();
    const decoded = {
      validators: readChecked(items, readDelta),
      parent: readChecked(items, readSignature),
      committed: readChecked(items, readSignature),
      checkpoint: readChecked(items, readCheckpoint),
    };
    items.expectEnd('extra');
    outer.expectEnd('extra');
    return decoded;
  };
  return readRlp(read, (cause) => fail(`invalid extra: ${cause.message}`, cause));
}

function readChecked(items: RlpReader, check: (fields: RlpReader) => unknown): Uint8Array {
  const item = items.readRaw();
  const fields = new RlpReader(item).readList();
  if (item.length > EMPTY_LIST_BYTES) {
    check(fields);
    fields.expectEnd('item of the extra');
  }
  return item;
}

export interface PolybftValidator {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** A point of G2, 128 bytes. */
  readonly blsKey: Uint8Array;
  readonly votingPower: bigint;
  readonly isActive: boolean;
}

export interface ValidatorSetDelta {
  readonly added: readonly PolybftValidator[];
  readonly updated: readonly PolybftValidator[];
  /** Bit i, from the lowest of the first byte, removes the validator at i. */
  readonly removed: Uint8Array;
}

export interface AggregatedSignature {
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** Bit i, from the lowest of the first byte, is the validator at i. */
  readonly bitmap: Uint8Array;
}

export interface Checkpoint {
  readonly blockRound: bigint;
  readonly epochNumber: bigint;
  readonly currentValidatorsHash: Uint8Array;
  readonly nextValidatorsHash: Uint8Array;
  readonly eventRoot: Uint8Array;
}

const isAbsent = (item: Uint8Array) => item.length === EMPTY_LIST_BYTES;

/** The change of the set in a decoded extra; undefined when there is none. */
export function deltaOf({ validators }: PolybftExtra): ValidatorSetDelta | undefined {
  return isAbsent(validators) ? undefined : readDelta(new RlpReader(validators).readList());
}

/** The `parent` or `committed` item of a decoded extra; undefined when absent. */
export function signatureOf(item: Uint8Array): AggregatedSignature | undefined {
  return isAbsent(item) ? undefined : readSignature(new RlpReader(item).readList());
}

/** The checkpoint of a decoded extra; undefined when absent. */
export function checkpointOf({ checkpoint }: PolybftExtra): Checkpoint | undefined {
  return isAbsent(checkpoint) ? undefined : readCheckpoint(new RlpReader(checkpoint).readList());
}

/** The three items of a delta. @throws {RlpError} */
export function readDelta(fields: RlpReader): ValidatorSetDelta {
  const added = readAccounts(fields.readList());
  const updated = readAccounts(fields.readList());
  return { added, updated, removed: fields.readBytes() };
}

/** All items of a list of accounts. @throws {RlpError} */
export function readAccounts(accounts: RlpReader): PolybftValidator[] {
  const all: PolybftValidator[] = [];
  while (!accounts.isAtEnd) {
    const fields = accounts.readList();
    const address = fields.readFixed(ADDRESS_BYTES);
    const blsKey = fields.readFixed(BLS_KEY_BYTES);
    const votingPower = fields.readUint(VOTING_POWER_BYTES);
    const isActive = fields.readUint(1);
    if (isActive > 1n) throw new RlpError('malformed', 'not a valid bool');
    fields.expectEnd('validator account');
    all.push({ address, blsKey, votingPower, isActive: isActive === 1n });
  }
  return all;
}

function readSignature(fields: RlpReader): AggregatedSignature {
  return { signature: fields.readBytes(), bitmap: fields.readBytes() };
}

function readCheckpoint(fields: RlpReader): Checkpoint {
  return {
    blockRound: fields.readUint64(),
    epochNumber: fields.readUint64(),
    currentValidatorsHash: fields.readFixed(HASH_BYTES),
    nextValidatorsHash: fields.readFixed(HASH_BYTES),
    eventRoot: fields.readFixed(HASH_BYTES),
  };
}
