import { createHash } from 'node:crypto';
import { toHex } from '../../common/bytes.js';
import { type PeerId, peerIdBytes } from '../network/index.js';

/**
 * XOR of the SHA-256 of both binary IDs; breaks ties between peers of equal height, each node its own way.
 * @see polygon-edge@597a0f3 network/server_identity.go GetPeerDistance
 */
export function peerDistance(a: PeerId, b: PeerId): bigint {
  return key(a) ^ key(b);
}

function key(peerId: PeerId): bigint {
  return BigInt(toHex(createHash('sha256').update(peerIdBytes(peerId)).digest()));
}
