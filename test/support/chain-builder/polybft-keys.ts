import { toHex } from '../../../src/common/bytes.js';
import {
  bn254PublicKey,
  bn254Sign,
  CHECKPOINT_DOMAIN,
} from '../../../src/modules/blockchain/crypto/bn254.js';
import { keccak256 } from '../../../src/modules/blockchain/crypto/keccak.js';
import { secret } from './keys.js';
import type { PolybftMember } from './polybft-extra.js';

/** A member that can sign. */
export interface PolybftKey extends PolybftMember {
  readonly secret: Uint8Array;
}

const ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

/** Members with a voting power each, the same in every run. `prepareBn254` must be done. */
export function polybftKeys(votingPowers: readonly bigint[], seed = 'polybft', first = 0): PolybftKey[] {
  return votingPowers.map((votingPower, index) => {
    const name = `${seed}/${first + index}`;
    const scalar = secret(`${name}/bn254`);
    const address = keccak256(Buffer.from(name)).subarray(12);
    return { address, blsKey: bn254PublicKey(scalar), votingPower, secret: scalar };
  });
}

/** Their aggregate over a checkpoint: as all sign the same, it is the signature of the sum of their secrets. */
export function signTogether(keys: readonly PolybftKey[], message: Uint8Array): Uint8Array {
  const sum = keys.reduce((total, key) => total + BigInt(toHex(key.secret)), 0n) % ORDER;
  const scalar = Buffer.from(sum.toString(16).padStart(64, '0'), 'hex');
  return bn254Sign(new Uint8Array(scalar), message, CHECKPOINT_DOMAIN);
}
