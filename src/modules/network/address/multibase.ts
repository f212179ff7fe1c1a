import { base58Decode } from '../../../common/base58.js';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Bytes of a text whose first character names its base: the three in which CIDs of peer IDs are met. Undefined otherwise. */
export function decodeMultibase(text: string): Uint8Array | undefined {
  const digits = text.slice(1);
  switch (text.charAt(0)) {
    case 'b':
      return decodeBase32(digits);
    case 'k':
      return decodeBase36(digits);
    case 'z':
      return base58Decode(digits);
    default:
      return undefined;
  }
}

/** Lower case of RFC 4648 without padding. */
function decodeBase32(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const char of text) {
    const digit = BASE32.indexOf(char);
    if (digit < 0) return undefined;
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}

/** One big number; without leading zeros, as a CID begins with its version. */
function decodeBase36(text: string): Uint8Array | undefined {
  if (!/^[1-9a-z][0-9a-z]*$/.test(text)) return undefined;
  let value = 0n;
  for (const char of text) value = value * 36n + BigInt(Number.parseInt(char, 36));
  const hex = value.toString(16);
  return new Uint8Array(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'));
}
