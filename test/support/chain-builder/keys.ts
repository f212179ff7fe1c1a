import type { IbftValidator } from '../../../src/modules/blockchain/consensus/ibft/extra.js';
import { type SealKey, sealKey } from '../../../src/modules/blockchain/consensus/ibft/write-seals.js';
import { keccak256 } from '../../../src/modules/blockchain/crypto/keccak.js';

export type { SealKey };

/** Below the order of both BLS curves. */
const MAX_FIRST_BYTE = 0x1f;

/** 32 bytes that are the same in every run, a valid secret for each kind of key. */
export function secret(seed: string): Uint8Array {
  const bytes = keccak256(Buffer.from(seed));
  bytes[0] = (bytes[0] ?? 0) & MAX_FIRST_BYTE;
  return bytes;
}

/** Validators with an ECDSA and a BLS12-381 key, the same in every run. */
export function testKeys(count: number, seed = 'chain-builder', first = 0): SealKey[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${seed}/${first + index}`;
    return sealKey(secret(`${name}/ecdsa`), secret(`${name}/bls`));
  });
}

/** What a chain of this kind says of a validator. */
export function asValidator({ address, blsPublicKey }: IbftValidator, bls: boolean): IbftValidator {
  return bls && blsPublicKey !== undefined ? { address, blsPublicKey } : { address };
}
