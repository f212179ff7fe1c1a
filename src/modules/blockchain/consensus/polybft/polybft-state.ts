import { toHex } from '../../../../common/bytes.js';
import type { EngineState, Validator } from '../../ports/consensus.port.js';
import { encodeList, RlpReader } from '../../rlp/rlp.js';
import { type PolybftValidator, readAccounts } from './extra.js';
import { encodeAccounts, validatorsHash } from './validator-set.js';

/** What a PolyBFT chain knows after a block. */
export class PolybftState implements EngineState {
  /** In force for the next block. */
  readonly set: readonly PolybftValidator[];
  /** That sealed this block. */
  readonly sealers: readonly PolybftValidator[];
  readonly trustedSets = 0;
  readonly encoded: Uint8Array;
  /** The validators hash of each, 0x hex; evidence names sets by it. */
  readonly setHash: string;
  readonly sealersHash: string;

  constructor(set: readonly PolybftValidator[], sealers: readonly PolybftValidator[]) {
    this.set = set;
    this.sealers = sealers;
    this.setHash = toHex(validatorsHash(set));
    this.sealersHash = set === sealers ? this.setHash : toHex(validatorsHash(sealers));
    this.encoded = encodeList([encodeAccounts(set), encodeAccounts(sealers)]);
  }

  get validators(): readonly Validator[] {
    return this.set.map(toValidator);
  }

  get sealedBy(): readonly Validator[] {
    return this.sealers.map(toValidator);
  }

  /** The state after a block that leaves `set` in force; itself when that changes nothing. */
  followedBy(set: readonly PolybftValidator[]): PolybftState {
    return set === this.set && this.set === this.sealers ? this : new PolybftState(set, this.set);
  }
}

/** @throws {RlpError} */
export function decodePolybftState(encoded: Uint8Array): PolybftState {
  const outer = new RlpReader(encoded);
  const items = outer.readList();
  const set = readAccounts(items.readList());
  const sealers = readAccounts(items.readList());
  items.expectEnd('state');
  outer.expectEnd('state');
  const isSame = toHex(encodeAccounts(set)) === toHex(encodeAccounts(sealers));
  return new PolybftState(set, isSame ? set : sealers);
}

function toValidator({ address, blsKey, votingPower }: PolybftValidator): Validator {
  return { address, blsKey, votingPower };
}
