import { asciiBytes, toHex } from '../../../common/bytes.js';
import { keccak256 } from './keccak.js';
import { recoverPublicKey } from './secp256k1.js';

/** The 20-byte address of an uncompressed public key (65 bytes, 0x04 first). */
export function addressOf(publicKey: Uint8Array): Uint8Array {
  return keccak256(publicKey.subarray(1)).subarray(12);
}

/** The address that made `seal` (r‖s‖v, 65 bytes) over `digest`; undefined when there is none. */
export function recoverAddress(digest: Uint8Array, seal: Uint8Array): Uint8Array | undefined {
  const publicKey = recoverPublicKey(digest, seal);
  return publicKey && addressOf(publicKey);
}

/** How an address is shown: hex with the case of EIP-55. */
export function toChecksumAddress(address: Uint8Array): string {
  const digits = toHex(address).slice(2);
  const hash = toHex(keccak256(asciiBytes(digits))).slice(2);
  const checked = [...digits].map((digit, at) => (hash.charAt(at) >= '8' ? digit.toUpperCase() : digit));
  return `0x${checked.join('')}`;
}
