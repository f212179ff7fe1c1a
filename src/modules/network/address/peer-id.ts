import { base58Decode, base58Encode } from '../../../common/base58.js';
import { NetworkError } from '../network.errors.js';
import type { PeerId } from '../ports/types.js';
import { decodeMultibase } from './multibase.js';

/** Longest text looked at; a real one has 46 to 65 characters. */
const MAX_TEXT_LENGTH = 128;
const CID_VERSION = 1;
const CID_LIBP2P_KEY = 0x72;
const IDENTITY = 0x00;
const SHA2_256 = 0x12;
/** Starts and lengths of the public keys that an ID may hold: Ed25519 and secp256k1. */
const INLINE_KEYS = [
  { header: [0x08, 0x01, 0x12, 0x20], length: 36 },
  { header: [0x08, 0x02, 0x12, 0x21], length: 37 },
] as const;

/** The binary form, or why there is none. */
export type DecodedPeerId = { readonly bytes: Uint8Array } | { readonly reason: string };

/**
 * Checks a peer ID in base58 or as a CID and gives it in base58.
 *
 * @throws {NetworkError} NETWORK.BAD_PEER_ID with the Go client's text.
 * @see go-libp2p@v0.32.0 core/peer/peer.go Decode
 * @remarks Differs: an ID that is no hash or key of a known kind is refused, and an undecodable CID of any sort is a "selected encoding not supported".
 */
export function parsePeerId(text: string): PeerId {
  const decoded = decodePeerId(text);
  if ('bytes' in decoded) return peerIdOf(decoded.bytes);
  throw new NetworkError({
    code: 'NETWORK.BAD_PEER_ID',
    peerId: text.slice(0, MAX_TEXT_LENGTH),
    reason: `failed to parse peer ID: ${decoded.reason}`,
  });
}

/** Base58 of a binary ID that {@link decodePeerId} gave. */
export function peerIdOf(bytes: Uint8Array): PeerId {
  return base58Encode(bytes) as PeerId;
}

/** The binary form (a multihash) of an ID that was checked; empty for what is no base58. */
export function peerIdBytes(peerId: PeerId): Uint8Array {
  return base58Decode(peerId) ?? new Uint8Array();
}

export function decodePeerId(text: string): DecodedPeerId {
  if (text.length > MAX_TEXT_LENGTH) return { reason: `longer than ${MAX_TEXT_LENGTH} characters` };
  if (text.startsWith('Qm') || text.startsWith('1')) {
    const bytes = base58Decode(text);
    return bytes === undefined ? { reason: "input isn't valid multihash" } : checkMultihash(bytes);
  }
  if (text.length < 2) return { reason: 'invalid cid: cid too short' };
  const bytes = decodeMultibase(text);
  if (bytes === undefined) return { reason: 'invalid cid: selected encoding not supported' };
  const [version, codec] = bytes;
  if (version !== CID_VERSION) {
    return { reason: `invalid cid: invalid cid: expected 1 as the cid version number, got: ${version}` };
  }
  if (codec !== CID_LIBP2P_KEY) return { reason: `invalid codec ${codec}` };
  return checkMultihash(bytes.subarray(2));
}

function checkMultihash(bytes: Uint8Array): DecodedPeerId {
  const [code, length] = bytes;
  if (code === undefined || length === undefined)
    return { reason: 'multihash too short. must be >= 2 bytes' };
  const digest = bytes.subarray(2);
  if (digest.length < length) return { reason: 'length greater than remaining number of bytes in buffer' };
  if (digest.length > length)
    return { reason: `multihash length inconsistent: expected ${length}; got ${digest.length}` };
  if (code === SHA2_256 && length === 32) return { bytes };
  if (code === IDENTITY && holdsKey(digest)) return { bytes };
  return { reason: 'neither a public key nor its hash' };
}

function holdsKey(digest: Uint8Array): boolean {
  return INLINE_KEYS.some(
    ({ header, length }) => digest.length === length && header.every((byte, i) => digest[i] === byte),
  );
}
