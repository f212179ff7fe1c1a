import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { NetworkError } from '../../network.errors.js';
import type { PeerId } from '../../ports/types.js';

const KEY_BYTES = 32;

/**
 * The libp2p key of a secp256k1 scalar.
 * @param networkKey 32 bytes, big endian, from 1 up to the curve's order.
 * @throws {NetworkError} NETWORK.SETUP_INVALID
 */
export function privateKeyOf(networkKey: Uint8Array): PrivateKey {
  if (networkKey.length !== KEY_BYTES)
    throw invalid(`a network key has ${KEY_BYTES} bytes, not ${networkKey.length}`);
  try {
    return privateKeyFromRaw(networkKey);
  } catch (cause) {
    throw invalid('the network key is not a secp256k1 key', cause);
  }
}

/**
 * The peer ID of a network key: the identity multihash of the public key, `16Uiu2HA…`.
 * @throws {NetworkError} NETWORK.SETUP_INVALID
 * @see polygon-edge@597a0f3 network/keystore.go
 */
export function peerIdOfKey(networkKey: Uint8Array): PeerId {
  return peerIdFromPrivateKey(privateKeyOf(networkKey)).toString() as PeerId;
}

function invalid(reason: string, cause?: unknown): NetworkError {
  return new NetworkError({ code: 'NETWORK.SETUP_INVALID', reason }, cause);
}
