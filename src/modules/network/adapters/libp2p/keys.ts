import { privateKeyFromProtobuf, privateKeyFromRaw, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { errorText } from '../../../../common/app-error.js';
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

/**
 * The 32-byte scalar inside a libp2p private-key protobuf, the form in which key files hold it (as hex).
 * @throws {NetworkError} NETWORK.SETUP_INVALID when it is no such protobuf or its key is not secp256k1.
 * @remarks Differs: the Go client also runs with keys of other curves; its own tools only make secp256k1.
 */
export function networkKeyFromProtobuf(protobuf: Uint8Array): Uint8Array {
  let key: PrivateKey;
  try {
    key = privateKeyFromProtobuf(protobuf);
  } catch (cause) {
    throw invalid(`the network key cannot be read: ${errorText(cause)}`, cause);
  }
  if (key.type !== 'secp256k1')
    throw invalid(`the network key is of type ${key.type}; only secp256k1 is supported`);
  return key.raw;
}

/**
 * The protobuf `08021220‖key` that key files hold as hex.
 * @throws {NetworkError} NETWORK.SETUP_INVALID
 */
export function networkKeyToProtobuf(networkKey: Uint8Array): Uint8Array {
  return privateKeyToProtobuf(privateKeyOf(networkKey));
}

function invalid(reason: string, cause?: unknown): NetworkError {
  return new NetworkError({ code: 'NETWORK.SETUP_INVALID', reason }, cause);
}
