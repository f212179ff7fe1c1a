// Nothing of Node: the verifier for browsers is made of it. For the lengths of hashes and keys plain loops are as fast.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex with 0x. */
export function toHex(bytes: Uint8Array): string {
  let text = '0x';
  for (let at = 0; at < bytes.length; at++) text += HEX[bytes[at] ?? 0];
  return text;
}

/** Bytes of a hex string with or without 0x; undefined when it is not hex of whole bytes. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.startsWith('0x') || text.startsWith('0X') ? text.slice(2) : text;
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  return readDigits(digits, new Uint8Array(digits.length / 2));
}

/**
 * A number of 0 or more, highest byte first.
 * @param length In bytes, with zeros in front; without it as few as can be, and one for 0.
 */
export function bigEndian(value: bigint | number, length?: number): Uint8Array {
  const digits = value.toString(16);
  return readDigits(digits, new Uint8Array(length ?? (digits.length + 1) >> 1));
}

/** Fills bytes from the last on with hex digits, of which they must have room for all. */
function readDigits(digits: string, bytes: Uint8Array): Uint8Array {
  let end = digits.length;
  for (let at = bytes.length - 1; end > 0; at--, end -= 2) {
    bytes[at] = digitAt(digits, end - 1) + (end > 1 ? 16 * digitAt(digits, end - 2) : 0);
  }
  return bytes;
}

/** Letters have the bit of 64, and count from 1 below it. */
function digitAt(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return (code & 15) + 9 * (code >> 6);
}

/** The bytes of a text that has ASCII characters only. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** Below 0 when `a` comes before `b`, byte for byte; the shorter comes first where one begins with the other. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
