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
      validators: readChecked(items, checkDelta),
      parent: readChecked(items, checkSignature),
      committed: readChecked(items, checkSignature),
      checkpoint: readChecked(items, checkCheckpoint),
    };
    items.expectEnd('extra');
    outer.expectEnd('extra');
    return decoded;
  };
  return readRlp(read, (cause) => fail(`invalid extra: ${cause.message}`, cause));
}

function readChecked(items: RlpReader, check: (fields: RlpReader) => void): Uint8Array {
  const item = items.readRaw();
  const fields = new RlpReader(item).readList();
  if (item.length > EMPTY_LIST_BYTES) {
    check(fields);
    fields.expectEnd('item of the extra');
  }
  return item;
}

function checkDelta(fields: RlpReader): void {
  checkAccounts(fields.readList());
  checkAccounts(fields.readList());
  fields.readBytes();
}

function checkAccounts(accounts: RlpReader): void {
  while (!accounts.isAtEnd) {
    const fields = accounts.readList();
    fields.readFixed(ADDRESS_BYTES);
    fields.readFixed(BLS_KEY_BYTES);
    fields.readUint(VOTING_POWER_BYTES);
    const isActive = fields.readUint(1);
    if (isActive > 1n) throw new RlpError('malformed', 'not a valid bool');
    fields.expectEnd('validator account');
  }
}

function checkSignature(fields: RlpReader): void {
  fields.readBytes();
  fields.readBytes();
}

function checkCheckpoint(fields: RlpReader): void {
  fields.readUint64();
  fields.readUint64();
  for (let hashes = 0; hashes < 3; hashes++) fields.readFixed(HASH_BYTES);
}
