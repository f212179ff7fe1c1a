import { base58Encode } from '../../common/base58.js';
import { concatBytes } from '../../common/bytes.js';
import { SettingFault } from '../setting.js';

/** Protobuf `{1: Secp256k1, 2: bytes(32)}` and `{1: Secp256k1, 2: bytes(33)}` up to the bytes. */
const PRIVATE_KEY_HEAD = Uint8Array.of(0x08, 0x02, 0x12, 0x20);
const PUBLIC_KEY_HEAD = Uint8Array.of(0x08, 0x02, 0x12, 0x21);
/** Multihash code identity, 37 bytes. */
const IDENTITY_MULTIHASH_HEAD = Uint8Array.of(0x00, 0x25);

const KEY_TYPES = ['RSA', 'Ed25519', 'Secp256k1', 'ECDSA'];

/**
 * The 32 bytes of a hex text as Go reads it: no `0x`, no blanks, no newline.
 * @throws {SettingFault} that shows nothing of the text
 * @see polygon-edge@597a0f3 crypto/crypto.go BytesToECDSAPrivateKey
 */
export function parseKeyText(text: string): Uint8Array {
  const bytes = parseHexText(text);
  if (bytes.length !== 32) throw new SettingFault(`invalid key length (${bytes.length}B), should be 32B`);
  return bytes;
}

/** The file text of a 32-byte key. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}

/**
 * The scalar in a libp2p key file: hex of a protobuf.
 * @throws {SettingFault} that shows nothing of the text
 * @see polygon-edge@597a0f3 network/keystore.go ParseLibp2pKey
 * @remarks Differs: only secp256k1 keys in the encoding that Go writes; Go takes the other key types too.
 */
export function parseNetworkKeyText(text: string): Uint8Array {
  const bytes = parseHexText(text);
  const [tag, type] = bytes;
  if (tag === 0x08 && type !== 0x02) {
    throw new SettingFault(
      `a libp2p key of type ${KEY_TYPES[type ?? -1] ?? 'unknown'}, only Secp256k1 is supported`,
    );
  }
  const head = PRIVATE_KEY_HEAD.length;
  if (bytes.length !== head + 32 || !PRIVATE_KEY_HEAD.every((byte, at) => bytes[at] === byte)) {
    throw new SettingFault('not a libp2p private key');
  }
  return bytes.subarray(head);
}

/** The file text of a network key. @see polygon-edge@597a0f3 network/keystore.go GenerateAndEncodeLibp2pKey */
export function networkKeyText(key: Uint8Array): string {
  return keyText(concatBytes([PRIVATE_KEY_HEAD, key]));
}

/** The peer ID (`16Uiu2HA…`) of a 33-byte compressed secp256k1 public key. */
export function peerIdOf(publicKey: Uint8Array): string {
  return base58Encode(concatBytes([IDENTITY_MULTIHASH_HEAD, PUBLIC_KEY_HEAD, publicKey]));
}

function parseHexText(text: string): Uint8Array {
  if (/\s$/.test(text)) throw new SettingFault('not hex: the file must end without a newline or blank');
  if (/^0x/i.test(text)) throw new SettingFault('not hex: the file must not begin with 0x');
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new SettingFault('not hex');
  return new Uint8Array(Buffer.from(text, 'hex'));
}
